import { Interface } from 'ethers';
import { VouchError } from '../../errors.ts';
import type { Hex32 } from '../../verify/json.ts';
import { encodeLayout } from '../../verify/layout.ts';
import { modelIdOf } from '../../verify/model-core.ts';
import type { ModelFile } from '../../verify/model-file.ts';
import { LOCAL_CHAIN_ID } from '../anvil.ts';
import { loadArtifact } from '../artifacts.ts';
import type { Receipt } from '../chain/answers.ts';
import type { Call, Chain } from '../chain/chain.ts';
import { encodeModelData } from '../model-data.ts';
import type { SendOptions } from '../sender/pending.ts';
import type { Sender } from '../sender/sender.ts';
import { asAddress, askHub, hubAbi, verifierOf } from './hub.ts';

/** A contract that was put on chain. */
export interface Deployed {
  readonly address: string;
  readonly receipt: Receipt;
}

/** The call that deploys a hub. */
export function hubDeployment(): Call {
  const { bytecode } = loadArtifact('InferenceHub');
  return { data: `${bytecode}${hubAbi().encodeDeploy([false]).slice(2)}` };
}

/**
 * Deploys an InferenceHub. Nobody owns it, so any account may; models of development keys register on chain 31337 only.
 *
 *     const chain = await openChain('http://127.0.0.1:8545');
 *     const sender = createSender(chain, accountFromKey(process.env.VOUCH_PRIVATE_KEY ?? ''));
 *     const { address: hub } = await deployHub(sender);
 */
export function deployHub(sender: Sender, options: SendOptions = {}): Promise<Deployed> {
  return deploy(sender, hubDeployment(), options);
}

/** The call that deploys a model's verifier without a hub. Refuses a development key off the local chain. */
export function verifierDeployment(chain: Chain, model: ModelFile): Call {
  requireTrust(chain, model);
  const { abi, bytecode } = loadArtifact('ModelVerifierDeployment');
  return { data: `${bytecode}${new Interface(abi).encodeDeploy([dataOf(model)]).slice(2)}` };
}

/** Deploys a model's verifier on its own, for contracts that need no hub. */
export async function deployModelVerifier(
  sender: Sender,
  model: ModelFile,
  options: SendOptions = {},
): Promise<Deployed> {
  return deploy(sender, verifierDeployment(sender.chain, model), options);
}

/** A model that a hub knows. */
export interface Registered {
  readonly modelId: Hex32;
  readonly verifier: string;
  /** Absent where the model was registered before, by whomever. */
  readonly receipt: Receipt | undefined;
}

/** The call that registers a model at a hub. Refuses a development key off the local chain, unless it is a test hub. */
export async function registration(chain: Chain, hub: string, model: ModelFile, uri = ''): Promise<Call> {
  const [allowed] = await askHub(chain, hub, 'allowsDevelopmentKeys', []);
  if (allowed !== true) requireTrust(chain, model);
  return { to: asAddress(hub), data: hubAbi().encodeFunctionData('registerModel', [dataOf(model), uri]) };
}

/**
 * Registers a model at a hub, which deploys its verifier. The same model may be registered by anybody, once.
 *
 *     const { modelId, verifier } = await registerModel(sender, { hub, model: keys.file });
 */
export async function registerModel(
  sender: Sender,
  { hub, model, uri = '' }: { readonly hub: string; readonly model: ModelFile; readonly uri?: string },
  options: SendOptions = {},
): Promise<Registered> {
  const { chain } = sender;
  const modelId = modelIdOf(model.core);
  const earlier = await verifierOf(chain, hub, modelId, options);
  if (earlier !== undefined && uri === '') return { modelId, verifier: earlier, receipt: undefined };
  const receipt = await sender.send(await registration(chain, hub, model, uri), options);
  const verifier = await verifierOf(chain, hub, modelId, options);
  if (verifier === undefined) throw new RegistrationLostError(modelId, hub);
  return { modelId, verifier, receipt };
}

async function deploy(sender: Sender, call: Call, options: SendOptions): Promise<Deployed> {
  const receipt = await sender.send(call, options);
  if (receipt.contractAddress === undefined) throw new RegistrationLostError(receipt.transactionHash, 'the chain');
  return { address: receipt.contractAddress, receipt };
}

const dataOf = ({ core, layout, verifyingKey }: ModelFile): Uint8Array =>
  encodeModelData({ core, verifyingKey, layout: encodeLayout(layout) });

function requireTrust({ chainId }: Chain, { core }: ModelFile): void {
  if (core.trust === 'insecure-dev' && chainId !== LOCAL_CHAIN_ID) throw new DevelopmentKeyError(chainId);
}

/** Whoever made a development key can forge proofs, so it stays on the local chain. */
export class DevelopmentKeyError extends VouchError {
  override readonly name = 'Evm.DevelopmentKeyError';

  constructor(chainId: number) {
    super(`The model has a development key and does not go on chain ${chainId}.`, {
      metaMessages: [
        'Whoever made the key can forge proofs.',
        `Deploy on chain ${LOCAL_CHAIN_ID}, or hold a ceremony: vouch ceremony --help`,
      ],
    });
  }
}

/** The transaction was mined, and its effect is not there. */
export class RegistrationLostError extends VouchError {
  override readonly name = 'Evm.RegistrationLostError';

  constructor(what: string, where: string) {
    super(`After ${what}, ${where} does not show the contract.`, {
      metaMessages: ['The chain was reorganised or the node lags behind; repeat the command.'],
    });
  }
}
