import { Buffer } from 'node:buffer';
import { toBigEndian } from '../../field/bytes.ts';
import { MalformedFileError } from '../../field/sections.ts';
import type { G1Point, G2Point } from '../../verify/types.ts';
import { G1_BYTES, G2_BYTES, g1At, g2At } from '../stored-points.ts';
import { blake2b } from './digest.ts';

/** One entry of the list that a `.zkey` carries. Hashes are BLAKE2b-512 in lower-case hex. */
export interface Contribution {
  /** From 1. */
  readonly index: number;
  /** What the contributor called himself; the hash does not cover it. */
  readonly name: string;
  /** What contributors publish; the same value that snarkjs prints. */
  readonly hash: string;
  /** Where public randomness was mixed in instead of a secret. */
  readonly beacon?: Beacon;
}

/** SHA-256 applied 2^`iterationsLog2` times to `hash` (hex) gives the randomness. */
export interface Beacon {
  readonly hash: string;
  readonly iterationsLog2: number;
}

export interface ContributionList {
  /** Digest of the initial key: it depends on the circuit and on the Powers of Tau alone. */
  readonly circuitHash: string;
  readonly contributions: readonly Contribution[];
}

/** Whether `later` begins with the contributions of `earlier`. */
export function continues(earlier: readonly Contribution[], later: readonly Contribution[]): boolean {
  return earlier.length <= later.length && earlier.every(({ hash }, i) => hash === later[i].hash);
}

/** The most bytes a list may have. */
export const MAX_LIST_BYTES = 1 << 22;

/** Decodes the last section of a `.zkey`. The points are read, not checked. */
export function decodeContributions(bytes: Uint8Array): ContributionList {
  if (bytes.length < HASH_BYTES + 4) throw malformed(`${bytes.length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(HASH_BYTES, true);
  const contributions: Contribution[] = [];
  let offset = HASH_BYTES + 4;
  for (let index = 1; index <= count; index++) {
    if (bytes.length - offset < FIXED_BYTES) throw malformed(`entry ${index} of ${count} is cut off`);
    const kind = view.getUint32(offset + FIXED_BYTES - 8, true);
    const length = view.getUint32(offset + FIXED_BYTES - 4, true);
    const end = offset + FIXED_BYTES + length;
    if (end > bytes.length) throw malformed(`entry ${index} claims ${length} bytes of parameters`);
    const { name, ...beacon } = decodeParameters(bytes.subarray(offset + FIXED_BYTES, end));
    const entry = { index, name, hash: hashOf(bytes, offset) };
    if (kind === 0) contributions.push(entry);
    else if (kind === 1) contributions.push({ ...entry, beacon: asBeacon(beacon, index) });
    else throw malformed(`entry ${index} is of the unknown kind ${kind}`);
    offset = end;
  }
  if (offset !== bytes.length) throw malformed('bytes follow the last entry');
  return { circuitHash: Buffer.from(bytes.subarray(0, HASH_BYTES)).toString('hex'), contributions };
}

const HASH_BYTES = 64;
const POINTS_BYTES = 3 * G1_BYTES + G2_BYTES;
const FIXED_BYTES = POINTS_BYTES + HASH_BYTES + 8;

interface Parameters {
  readonly name: string;
  readonly hash?: string;
  readonly iterationsLog2?: number;
}

/** Parameters in ascending order of their tags: 1 name, 2 iterations, 3 beacon; the first and last carry a length. */
function decodeParameters(bytes: Uint8Array): Parameters {
  let parameters: Parameters = { name: '' };
  let last = 0;
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset];
    if (tag <= last || tag > 3 || offset + 1 >= bytes.length) throw malformed('its parameters are out of order');
    const length = tag === 2 ? 0 : bytes[offset + 1];
    const text = bytes.subarray(offset + 2, offset + 2 + length);
    if (text.length !== length) throw malformed('a parameter is cut off');
    if (tag === 1) parameters = { ...parameters, name: printable(new TextDecoder().decode(text)) };
    else if (tag === 2) parameters = { ...parameters, iterationsLog2: bytes[offset + 1] };
    else parameters = { ...parameters, hash: Buffer.from(text).toString('hex') };
    last = tag;
    offset += 2 + length;
  }
  return parameters;
}

function asBeacon({ hash, iterationsLog2 }: Omit<Parameters, 'name'>, index: number): Beacon {
  if (hash === undefined || hash === '' || iterationsLog2 === undefined) {
    throw malformed(`the beacon at entry ${index} lacks its randomness`);
  }
  return { hash, iterationsLog2 };
}

/** A name from a file must not steer a terminal. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '\uFFFD');
}

/** Hash over delta afterwards, the proof of knowledge and the transcript so far. */
function hashOf(bytes: Uint8Array, offset: number): string {
  const g1 = [0, 1, 2].flatMap((i) => uncompressedG1(g1At(bytes, offset + G1_BYTES * i)));
  const g2 = uncompressedG2(g2At(bytes, offset + 3 * G1_BYTES));
  return blake2b([...g1, ...g2, bytes.subarray(offset + POINTS_BYTES, offset + POINTS_BYTES + HASH_BYTES)]);
}

function uncompressedG1(point: G1Point): Uint8Array[] {
  return point.map(toBigEndian);
}

function uncompressedG2([x, y]: G2Point): Uint8Array[] {
  return [x[1], x[0], y[1], y[0]].map(toBigEndian);
}

function malformed(what: string): MalformedFileError {
  return new MalformedFileError('zkey', `in its list of contributions, ${what}`);
}
