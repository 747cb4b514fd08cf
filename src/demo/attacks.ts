import { requestBinding } from '../evm/binding.ts';
import { type Call, CallRevertedError } from '../evm/chain/chain.ts';
import { decodeRevert } from '../evm/chain/revert.ts';
import { type LocatedRequest, locate } from '../evm/hub/hub.ts';
import { fulfilCall } from '../evm/hub/submit.ts';
import type { Proven } from '../evm/node/job.ts';
import type { Sender } from '../evm/sender/sender.ts';
import type { ModelProver } from '../pipeline/prover.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { FeeMarket } from './fee-market.ts';

/** What somebody tried at the hub, and the error that stopped it; `undefined` where it went through. */
export interface Attack {
  readonly attempt: string;
  readonly refusal: string | undefined;
}

export interface Scene {
  readonly market: FeeMarket;
  readonly prover: ModelProver;
  readonly file: ModelFile;
  /** Open, and asked for the same input as the one answered before. */
  readonly request: LocatedRequest;
  /** The answer to the earlier request, as it lies on chain for all to copy. */
  readonly earlier: Proven;
  /** Proof points that are honest for another model. */
  readonly foreign: Proven;
}

/** Tries to have an open request settled in dishonest ways, and at last in the honest one. */
export async function tryAttacks(sender: Sender, scene: Scene): Promise<Attack[]> {
  const { market, prover, file, request, earlier, foreign } = scene;
  const me = sender.account.address;
  const binding = requestBinding(locate(sender.chain, market.hub), request.request, me);
  const { signal } = new AbortController();
  const own = await prover.prove({ modelId: market.modelId, input: request.request.input, binding }, { signal });
  const [first, ...others] = own.output;
  const thief = '0x00000000000000000000000000000000deadbeef';
  const attempts: readonly (readonly [string, Proven, string])[] = [
    ['another output beside an honest proof', { ...own, output: [first + topLane(file), ...others] }, me],
    ['the proof of an earlier request, replayed', earlier, me],
    ['a copied proof, to have its fee', own, thief],
    ['an honest proof of another model', { ...own, proof: foreign.proof }, me],
    ['an honest proof', own, me],
  ];
  const attacks: Attack[] = [];
  for (const [attempt, proven, paid] of attempts) {
    const call = fulfilCall(market.hub, { request: request.request, prover: paid, ...proven });
    attacks.push({ attempt, refusal: await refusalOf(sender, call) });
  }
  return attacks;
}

/** One unit of a tensor's first element. */
function topLane({ layout: { outputs } }: ModelFile): bigint {
  const [{ laneBytes, lanes }] = outputs;
  return 1n << BigInt(8 * laneBytes * (lanes - 1));
}

/** Runs the call on the node's state; the name of the error it ends with. */
async function refusalOf({ chain, account }: Sender, call: Call): Promise<string | undefined> {
  try {
    await chain.call({ ...call, from: account.address });
    return undefined;
  } catch (error) {
    if (!(error instanceof CallRevertedError)) throw error;
    return decodeRevert(error.data)?.name ?? 'reverted';
  }
}
