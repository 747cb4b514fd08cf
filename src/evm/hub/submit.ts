import { VouchError } from '../../errors.ts';
import { checkProof } from '../../verify/check-proof.ts';
import { proofWords } from '../../verify/evm-words.ts';
import type { Hex32 } from '../../verify/json.ts';
import { bindingIndex } from '../../verify/layout.ts';
import type { ModelFile } from '../../verify/model-file.ts';
import type { ProofFile } from '../../verify/proof-file.ts';
import type { Groth16Proof } from '../../verify/types.ts';
import { type InferenceRequest, requestBinding } from '../binding.ts';
import { encodeVerifyCalldata } from '../calldata.ts';
import type { Receipt } from '../chain/answers.ts';
import type { Call, Chain } from '../chain/chain.ts';
import type { SendOptions } from '../sender/pending.ts';
import type { Sender } from '../sender/sender.ts';
import { type Cost, estimateCost } from './cost.ts';
import { asAddress, findFulfilled, findRequest, hubAbi, locate, verifierOf } from './hub.ts';

/** One proved answer as the hub takes it. */
export interface Fulfilment {
  readonly request: InferenceRequest;
  /** Named in the binding, gets the fee. */
  readonly prover: string;
  /** Signals of the outputs. */
  readonly output: readonly bigint[];
  readonly proof: Groth16Proof;
}

/** The call that fulfils a request. */
export function fulfilCall(hub: string, { request, prover, output, proof }: Fulfilment): Call {
  const answer = { request, prover, output, proof: proofWords(proof) };
  return { to: asAddress(hub), data: hubAbi().encodeFunctionData('fulfil', [answer]) };
}

/** Where a proof goes: a request at a hub, or a verifier that only checks it. */
export type Target =
  | { readonly kind: 'request'; readonly hub: string; readonly id: Hex32; readonly prover?: string }
  | { readonly kind: 'hub'; readonly hub: string }
  | { readonly kind: 'verifier'; readonly verifier: string };

export interface SubmitOptions extends SendOptions {
  /** Sees the cost before anything is sent; false stops. Everything is sent when absent. */
  readonly confirm?: (cost: Cost) => Promise<boolean>;
}

export interface Submitted {
  readonly receipt: Receipt;
  readonly cost: Cost;
}

/**
 * Sends a proof to a chain. It is verified here first, then on the node's state, so that a wrong proof costs nothing.
 * To a verifier, or the one of a hub, the transaction is a record that the proof was accepted.
 *
 *     const target = { kind: 'request', hub, id } as const;
 *     const { receipt } = await submit(sender, { proof, model: keys.file, target });
 */
export async function submit(
  sender: Sender,
  { proof, model, target }: { readonly proof: ProofFile; readonly model: ModelFile; readonly target: Target },
  options: SubmitOptions = {},
): Promise<Submitted> {
  const { chain, account } = sender;
  const { valid, reasons } = checkProof(proof, model);
  if (!valid) throw new ProofRejectedError(reasons);
  const call = await callFor(chain, account.address, proof, model, target);
  const cost = await estimateCost(chain, account.address, call, { signal: options.signal });
  if (options.confirm !== undefined && !(await options.confirm(cost))) throw new SubmissionDeclinedError();
  const receipt = await sender.send(call, options);
  if (target.kind === 'request' && findFulfilled(receipt.logs, target.hub, target.id) === undefined) {
    throw new ProofRejectedError(['the transaction did not fulfil the request']);
  }
  return { receipt, cost };
}

async function callFor(
  chain: Chain,
  sender: string,
  proof: ProofFile,
  model: ModelFile,
  target: Target,
): Promise<Call> {
  if (target.kind === 'request') {
    const { hub, id, prover = sender } = target;
    const found = await findRequest(chain, hub, id);
    if (found === undefined) throw new UnknownRequestError(id, hub);
    const { request } = found;
    const binding = requestBinding(locate(chain, hub), request, prover);
    if (BigInt(proof.binding) !== binding) throw new BindingMismatchError(proof.binding, binding);
    return fulfilCall(hub, { request, prover, output: outputOf(model, proof), proof: proof.proof });
  }
  const verifier =
    target.kind === 'verifier' ? asAddress(target.verifier) : await verifierOf(chain, target.hub, proof.modelId);
  if (verifier === undefined) throw new ProofRejectedError([`the hub does not know model ${proof.modelId}`]);
  const call = { to: verifier, data: encodeVerifyCalldata(proof.publicSignals, proof.proof) };
  const answer = await chain.call({ ...call, from: sender });
  // A transaction would succeed all the same: the verifier answers, it does not revert.
  if (answer === '0x' || BigInt(answer) !== 1n) throw new ProofRejectedError(['the contract does not accept it']);
  return call;
}

/** The signals of the outputs: those before the binding. */
function outputOf({ layout }: ModelFile, { publicSignals }: ProofFile): readonly bigint[] {
  return publicSignals.slice(0, bindingIndex(layout));
}

/** Nothing was sent, because the proof would not be accepted. */
export class ProofRejectedError extends VouchError {
  override readonly name = 'Evm.ProofRejectedError';

  constructor(reasons: readonly string[]) {
    super('The proof does not hold, so it was not submitted.', { metaMessages: reasons });
  }
}

/** The proof was made for another request or prover. */
export class BindingMismatchError extends VouchError {
  override readonly name = 'Evm.BindingMismatchError';

  constructor(got: string, expected: bigint) {
    const hex = `0x${expected.toString(16).padStart(64, '0')}`;
    super('The proof is bound to something else than this request and prover.', {
      metaMessages: [`expected ${hex}`, `got ${got}`, `Prove again with: --binding ${hex}`],
    });
  }
}

export class UnknownRequestError extends VouchError {
  override readonly name = 'Evm.UnknownRequestError';

  constructor(id: Hex32, hub: string) {
    super(`The hub at ${hub} has no request ${id}.`);
  }
}

/** Whoever was asked said no. */
export class SubmissionDeclinedError extends VouchError {
  override readonly name = 'Evm.SubmissionDeclinedError';

  constructor() {
    super('Nothing was sent.');
  }
}
