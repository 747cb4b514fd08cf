import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { BASE_MODULUS } from '../field/bn254.ts';
import { toBigEndian } from '../field/bytes.ts';
import type { Hex32 } from './json.ts';
import type { G1Point, G2Point, Groth16Proof, VerifyingKey } from './types.ts';

/** The proof as the contract takes it: A, B, C, with the imaginary part of a pair first. */
export function proofWords({ a, b, c }: Groth16Proof): bigint[] {
  return [...a, ...g2Words(b), ...c];
}

/** Words of a key before the points of its signals. */
export const KEY_HEAD_WORDS = 18;

/**
 * The key as it lies in a verifier's code, in the order of the pairing's input, so that one copy puts it in
 * place: −α, β, IC₀, −γ, two words for C, −δ, then IC₁ … Negated once here instead of in every call.
 */
export function verifyingKeyWords({ alpha, beta, gamma, delta, ic }: VerifyingKey): bigint[] {
  const [constant, ...rest] = ic;
  return [
    ...[...negate(alpha), ...g2Words(beta)],
    ...[...constant, ...g2Words(negateG2(gamma))],
    ...[0n, 0n, ...g2Words(negateG2(delta))],
    ...rest.flat(),
  ];
}

/** keccak256 of the key's words: what `vkDigest` means everywhere, on chain too. */
export function verifyingKeyDigest(key: VerifyingKey): Hex32 {
  return keccak(packWords(verifyingKeyWords(key)));
}

/** Words in the EVM's byte order, one after the other. */
export function packWords(words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(32 * words.length);
  words.forEach((word, i) => {
    bytes.set(toBigEndian(word), 32 * i);
  });
  return bytes;
}

export function keccak(bytes: Uint8Array): Hex32 {
  return `0x${bytesToHex(keccak_256(bytes))}`;
}

function g2Words([x, y]: G2Point): [bigint, bigint, bigint, bigint] {
  return [x[1], x[0], y[1], y[0]];
}

function negateCoordinate(y: bigint): bigint {
  return y === 0n ? 0n : BASE_MODULUS - y;
}

function negate([x, y]: G1Point): G1Point {
  return [x, negateCoordinate(y)];
}

function negateG2([x, [y0, y1]]: G2Point): G2Point {
  return [x, [negateCoordinate(y0), negateCoordinate(y1)]];
}
