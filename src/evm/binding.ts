import { hexToBytes } from '@noble/hashes/utils.js';
import { type Scalar, toScalar } from '../field/bn254.ts';
import { keccak, packWords } from '../verify/evm-words.ts';
import type { Hex32 } from '../verify/json.ts';

/** Twenty bytes in hexadecimal; checksummed or not is the same address. */
export type Address = string;

/** An InferenceHub on a chain. */
export interface HubLocation {
  readonly chainId: bigint;
  readonly hub: Address;
}

/** A request as the hub hashes it; its `Requested` event holds these fields under these names. */
export interface InferenceRequest {
  readonly modelId: Hex32;
  readonly requester: Address;
  readonly consumer: Address;
  readonly fee: bigint;
  readonly sequence: bigint;
  readonly deadline: bigint;
  readonly callbackGas: bigint;
  readonly input: readonly bigint[];
}

/** The id of a request; equals the hub's `requestIdOf`. */
export function requestIdOf({ chainId, hub }: HubLocation, request: InferenceRequest): Hex32 {
  const { modelId, requester, consumer, fee, sequence, deadline, callbackGas, input } = request;
  const where = [tag('vouch-request-1'), chainId, BigInt(hub), BigInt(modelId), BigInt(requester), BigInt(consumer)];
  return hashWords([...where, fee, sequence, deadline, callbackGas, BigInt(hashWords(input))]);
}

/** The public signal that ties a proof to a request and to the prover whom it pays; equals the hub's `bindingOf`. */
export function requestBinding(location: HubLocation, request: InferenceRequest, prover: Address): Scalar {
  const { chainId, hub } = location;
  const { consumer, modelId } = request;
  const id = requestIdOf(location, request);
  return binding([
    tag('vouch-binding-1'),
    chainId,
    BigInt(hub),
    BigInt(consumer),
    BigInt(modelId),
    BigInt(id),
    BigInt(prover),
  ]);
}

/** A proof that an account brings to a consumer in its own transaction. */
export interface ProvenCall {
  readonly chainId: bigint;
  readonly consumer: Address;
  readonly modelId: Hex32;
  /** Sends the transaction. */
  readonly account: Address;
  /** The consumer's `nonces(account)`. */
  readonly nonce: bigint;
  /** What the account wants done with the output: the `data` argument of `proveThenCall`, in hex with 0x. */
  readonly data: string;
}

/** The public signal that ties a proof to one `proveThenCall`; equals the consumer's `callBindingOf`. */
export function callBinding({ chainId, consumer, modelId, account, nonce, data }: ProvenCall): Scalar {
  const dataDigest = BigInt(keccak(hexToBytes(data.slice(2))));
  return binding([tag('vouch-call-1'), chainId, BigInt(consumer), BigInt(modelId), BigInt(account), nonce, dataDigest]);
}

/** 248 bits of the words' hash: always below the field's order. */
function binding(words: readonly bigint[]): Scalar {
  return toScalar(BigInt(hashWords(words)) >> 8n);
}

function hashWords(words: readonly bigint[]): Hex32 {
  return keccak(packWords(words));
}

/** A Solidity `bytes32` literal: ASCII, zero-padded on the right. */
function tag(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'ascii').toString('hex').padEnd(64, '0')}`);
}
