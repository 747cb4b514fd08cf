import { Interface } from 'ethers';
import { InternalError, VouchError } from '../../errors.ts';
import { type Hex32, isHex32 } from '../../verify/json.ts';
import { loadArtifact } from '../artifacts.ts';
import { type HubLocation, type InferenceRequest, requestIdOf } from '../binding.ts';
import type { Log } from '../chain/answers.ts';
import type { Chain } from '../chain/chain.ts';
import { readLogs } from '../chain/logs.ts';
import type { CallOptions } from '../chain/rpc.ts';

/** A request that is on chain. */
export interface LocatedRequest {
  readonly id: Hex32;
  readonly request: InferenceRequest;
  readonly block: number;
}

/** What became of a request; `unknown` where the chain does not have it. */
export type RequestStatus = (typeof statuses)[number];
const statuses = ['unknown', 'pending', 'fulfilled', 'callback-failed', 'refunded'] as const;

let parsed: Interface | undefined;

/** The hub's interface. */
export function hubAbi(): Interface {
  parsed ??= new Interface(loadArtifact('InferenceHub').abi);
  return parsed;
}

/** Where a hub is, for ids and bindings. */
export function locate(chain: Chain, hub: string): HubLocation {
  return { chainId: BigInt(chain.chainId), hub };
}

/** Topic of an event of the hub. */
export function topicOf(event: string): string {
  const topic = hubAbi().getEvent(event)?.topicHash;
  if (topic === undefined) throw new InternalError(`the hub has no event ${event}`);
  return topic;
}

/** Asks the hub; the decoded results. */
export async function askHub(
  chain: Chain,
  hub: string,
  name: string,
  values: readonly unknown[],
  options?: CallOptions,
): Promise<readonly unknown[]> {
  const data = hubAbi().encodeFunctionData(name, [...values]);
  const answer = await chain.call({ to: hub, data }, options);
  if (answer === '0x') throw new NotAHubError(hub, chain.chainId);
  return [...hubAbi().decodeFunctionResult(name, answer)];
}

/** The verifier that a hub has for a model, or `undefined` where the model is not registered. */
export async function verifierOf(
  chain: Chain,
  hub: string,
  modelId: Hex32,
  options?: CallOptions,
): Promise<string | undefined> {
  const [address] = await askHub(chain, hub, 'verifierOf', [modelId], options);
  return BigInt(String(address)) === 0n ? undefined : String(address).toLowerCase();
}

export async function statusOf(chain: Chain, hub: string, id: Hex32, options?: CallOptions): Promise<RequestStatus> {
  const [status] = await askHub(chain, hub, 'outcomeOf', [id], options);
  const name = statuses[Number(status)];
  if (name === undefined) throw new InternalError(`the hub gave status ${String(status)}`);
  return name;
}

/** Requests of some models that were made in a range of blocks, oldest first. */
export async function readRequests(
  chain: Chain,
  hub: string,
  range: { readonly modelIds: readonly Hex32[]; readonly fromBlock: number; readonly toBlock: number },
  options?: CallOptions,
): Promise<LocatedRequest[]> {
  const topics = [topicOf('Requested'), null, range.modelIds];
  const logs = await readLogs(chain, { address: hub, topics, ...range }, options);
  return logs.flatMap((log) => parseRequested(chain, hub, log) ?? []);
}

/** The request with an id, or `undefined` where the chain does not have it. */
export async function findRequest(
  chain: Chain,
  hub: string,
  id: Hex32,
  { fromBlock = 0, ...options }: CallOptions & { readonly fromBlock?: number } = {},
): Promise<LocatedRequest | undefined> {
  const toBlock = (await chain.block(undefined, options))?.number ?? 0;
  const logs = await readLogs(chain, { address: hub, topics: [topicOf('Requested'), id], fromBlock, toBlock }, options);
  return logs.map((log) => parseRequested(chain, hub, log)).find((found) => found !== undefined);
}

/** A `Requested` event of this hub, whose id is what its fields hash to; nothing for any other log. */
export function parseRequested(chain: Chain, hub: string, log: Log): LocatedRequest | undefined {
  if (log.address !== hub.toLowerCase() || log.topics[0] !== topicOf('Requested')) return undefined;
  const fields = hubAbi()
    .parseLog({ topics: [...log.topics], data: log.data })
    ?.args.getValue('request');
  const request = {
    modelId: asId(fields.modelId),
    requester: String(fields.requester).toLowerCase(),
    consumer: String(fields.consumer).toLowerCase(),
    fee: BigInt(fields.fee),
    sequence: BigInt(fields.sequence),
    deadline: BigInt(fields.deadline),
    callbackGas: BigInt(fields.callbackGas),
    input: Array.from(fields.input, (word) => BigInt(String(word))),
  };
  const id = requestIdOf(locate(chain, hub), request);
  return id === log.topics[1] ? { id, request, block: log.blockNumber } : undefined;
}

/** A `Fulfilled` event of one request among logs: found by address, topic and id. */
export function findFulfilled(
  logs: readonly Log[],
  hub: string,
  id: Hex32,
): { readonly prover: string; readonly output: readonly bigint[] } | undefined {
  const topic = topicOf('Fulfilled');
  const log = logs.find(
    ({ address, topics }) => address === hub.toLowerCase() && topics[0] === topic && topics[1] === id,
  );
  if (log === undefined) return undefined;
  const args = hubAbi().parseLog({ topics: [...log.topics], data: log.data })?.args;
  if (args === undefined) throw new InternalError('a Fulfilled event does not decode');
  return {
    prover: String(args.getValue('prover')).toLowerCase(),
    output: Array.from(args.getValue('output'), (word) => BigInt(String(word))),
  };
}

/** Refuses text that is no address; the address in lower case. */
export function asAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new AddressError(text);
  return text.toLowerCase();
}

function asId(value: unknown): Hex32 {
  const text = String(value).toLowerCase();
  if (!isHex32(text)) throw new InternalError(`"${text}" is no id`);
  return text;
}

export class AddressError extends VouchError {
  override readonly name = 'Evm.AddressError';

  constructor(text: string) {
    super(`"${text.slice(0, 80)}" is no address.`, { metaMessages: ['expected 0x and 40 hexadecimal digits'] });
  }
}

/** Nothing at the address answers like a hub. */
export class NotAHubError extends VouchError {
  override readonly name = 'Evm.NotAHubError';

  constructor(address: string, chainId: number) {
    super(`There is no InferenceHub at ${address} on chain ${chainId}.`, {
      metaMessages: ['Check the address and the chain, or deploy one with: vouch deploy <dir> --hub new'],
    });
  }
}
