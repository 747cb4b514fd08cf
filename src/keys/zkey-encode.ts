import { BASE_MODULUS, SCALAR_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../field/bytes.ts';
import { encodeContainerHead, encodeSectionHead } from '../field/sections.ts';
import { resolve } from '../field/vector.ts';
import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { SECTION, ZKEY_FORMAT } from './zkey-format.ts';

interface Affine<T> {
  readonly x: T;
  readonly y: T;
}
interface Quadratic {
  readonly c0: bigint;
  readonly c1: bigint;
}

/** Everything a key holds beside the coefficients. Byte arrays are affine points in Montgomery form. */
export interface KeyPoints {
  readonly alpha1: Affine<bigint>;
  readonly beta1: Affine<bigint>;
  readonly delta1: Affine<bigint>;
  readonly beta2: Affine<Quadratic>;
  readonly gamma2: Affine<Quadratic>;
  readonly delta2: Affine<Quadratic>;
  readonly ic: Uint8Array;
  readonly h: Uint8Array;
  readonly c: Uint8Array;
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
}

/** The file in chunks, and the two sections that a verifier needs. */
export interface EncodedZkey {
  readonly chunks: readonly Uint8Array[];
  readonly header: Uint8Array;
  readonly ic: Uint8Array;
}

/** A snarkjs `.zkey` for Groth16 without contributions. */
export function encodeZkey(system: System, points: KeyPoints): EncodedZkey {
  const header = encodeHeader(system, points);
  const sections: [number, Uint8Array][] = [
    [SECTION.protocol, Uint8Array.of(1, 0, 0, 0)],
    [SECTION.header, header],
    [SECTION.ic, points.ic],
    [SECTION.coefficients, encodeCoefficients(system)],
    [SECTION.a, points.a],
    [SECTION.b1, points.b1],
    [SECTION.b2, points.b2],
    [SECTION.c, points.c],
    [SECTION.h, points.h],
    [SECTION.contributions, new Uint8Array(68)],
  ];
  const chunks = [encodeContainerHead(ZKEY_FORMAT, sections.length)];
  for (const [id, bytes] of sections) chunks.push(encodeSectionHead(id, bytes.length), bytes);
  return { chunks, header, ic: points.ic };
}

function encodeHeader(system: System, points: KeyPoints): Uint8Array {
  const bytes = new Uint8Array(660);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FIELD_BYTES, true);
  writeLittleEndian(bytes, 4, BASE_MODULUS);
  view.setUint32(36, FIELD_BYTES, true);
  writeLittleEndian(bytes, 40, SCALAR_MODULUS);
  view.setUint32(72, system.wires, true);
  view.setUint32(76, publicCount(system), true);
  view.setUint32(80, 2 ** domainBits(system), true);
  let offset = 84;
  const put = (...coordinates: bigint[]) => {
    for (const coordinate of coordinates) {
      writeLittleEndian(bytes, offset, (coordinate << 256n) % BASE_MODULUS);
      offset += FIELD_BYTES;
    }
  };
  const putG2 = ({ x, y }: Affine<Quadratic>) => put(x.c0, x.c1, y.c0, y.c1);
  put(points.alpha1.x, points.alpha1.y, points.beta1.x, points.beta1.y);
  putG2(points.beta2);
  putG2(points.gamma2);
  put(points.delta1.x, points.delta1.y);
  putG2(points.delta2);
  return bytes;
}

/** Terms of A and B, 44 bytes each; snarkjs wants the value times 2^512, and never stores C. */
function encodeCoefficients(system: System): Uint8Array {
  const publics = publicCount(system);
  const count = system.a.wire.length + system.b.wire.length + publics + 1;
  const words = new Uint32Array(1 + TERM_WORDS * count);
  words[0] = count;
  let at = 1;
  const known = new Map<number, Uint32Array>();
  const put = (matrix: number, row: number, wire: number, coefficient: number) => {
    let value = known.get(coefficient);
    if (value === undefined) {
      value = doubleMontgomery(resolve(coefficient, system.big));
      known.set(coefficient, value);
    }
    words[at] = matrix;
    words[at + 1] = row;
    words[at + 2] = wire;
    words.set(value, at + 3);
    at += TERM_WORDS;
  };
  [system.a, system.b].forEach(({ rowPtr, wire, coefficient }, matrix) => {
    for (let row = 0; row < system.rows; row++) {
      for (let i = rowPtr[row]; i < rowPtr[row + 1]; i++) put(matrix, row, wire[i], coefficient[i]);
    }
  });
  for (let wire = 0; wire <= publics; wire++) put(0, system.rows + wire, wire, 1);
  return new Uint8Array(words.buffer);
}

/** A coefficient as a key stores it: times 2^512, in eight words. */
export function doubleMontgomery(value: bigint): Uint32Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeLittleEndian(bytes, 0, (value << 512n) % SCALAR_MODULUS);
  return new Uint32Array(bytes.buffer);
}

/** Matrix, row, wire, value. */
export const TERM_WORDS = 11;
