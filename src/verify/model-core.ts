import { hexToBytes } from '@noble/hashes/utils.js';
import { toBigEndian } from '../field/bytes.ts';
import { keccak } from './evm-words.ts';
import type { Hex32 } from './json.ts';
import type { TrustLevel } from './types.ts';

/** Everything that a model's identity pins. */
export interface ModelCore {
  /** sha256 of the ONNX file, and of its external data (of nothing where it has none). */
  readonly onnxDigest: Hex32;
  readonly externalDataDigest: Hex32;
  readonly quantisedDigest: Hex32;
  readonly r1csDigest: Hex32;
  /** keccak256 of the layout's bytes, as they lie in the verifier's code. */
  readonly layoutDigest: Hex32;
  /** `verifyingKeyDigest`. */
  readonly vkDigest: Hex32;
  readonly trust: TrustLevel;
}

/** Format 1, backend 1 = Groth16 over BN254. */
const FORMAT = 1n;
const BACKEND = 1n;
const TRUST_WORD: Readonly<Record<TrustLevel, bigint>> = { 'insecure-dev': 0n, ceremony: 1n };

/** The core as nine words: format, six digests, backend, trust. */
export function encodeCore(core: ModelCore): Uint8Array {
  const words = [
    toBigEndian(FORMAT),
    ...[core.onnxDigest, core.externalDataDigest, core.quantisedDigest, core.r1csDigest].map(digestBytes),
    ...[core.layoutDigest, core.vkDigest].map(digestBytes),
    toBigEndian(BACKEND),
    toBigEndian(TRUST_WORD[core.trust]),
  ];
  const bytes = new Uint8Array(32 * words.length);
  words.forEach((word, i) => {
    bytes.set(word, 32 * i);
  });
  return bytes;
}

/** keccak256 of the core. */
export function modelIdOf(core: ModelCore): Hex32 {
  return keccak(encodeCore(core));
}

function digestBytes(digest: Hex32): Uint8Array {
  return hexToBytes(digest.slice(2));
}
