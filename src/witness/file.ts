import { isScalar, SCALAR_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian, writeLittleEndian } from '../field/bytes.ts';
import { decodeContainer, encodeContainerHead, encodeSectionHead, MalformedFileError } from '../field/sections.ts';
import { BigScalars, type FieldVector, isReference, resolve } from '../field/vector.ts';

const HEADER_SECTION = 1;
const VALUES_SECTION = 2;
const FORMAT = { magic: 'wtns', version: 2, sections: [HEADER_SECTION, VALUES_SECTION] };
const HEADER_BYTES = 4 + FIELD_BYTES + 4;
const VALUES_OFFSET = 12 + 12 + HEADER_BYTES + 12;
const MAX_WIRES = 2 ** 28;

/** The witness as an iden3 `.wtns` file (version 2), which every Groth16 prover of this family reads. */
export function encodeWtns({ entries, big }: FieldVector): Uint8Array {
  const bytes = new Uint8Array(VALUES_OFFSET + FIELD_BYTES * entries.length);
  bytes.set(encodeContainerHead(FORMAT, 2));
  bytes.set(encodeSectionHead(HEADER_SECTION, HEADER_BYTES), 12);
  const header = new DataView(bytes.buffer, 24, HEADER_BYTES);
  header.setUint32(0, FIELD_BYTES, true);
  writeLittleEndian(bytes, 28, SCALAR_MODULUS);
  header.setUint32(36, entries.length, true);
  bytes.set(encodeSectionHead(VALUES_SECTION, FIELD_BYTES * entries.length), VALUES_OFFSET - 12);
  // Values start at a multiple of four bytes: 12 + 12 + 40 + 12 = 76.
  const words = new Uint32Array(bytes.buffer, VALUES_OFFSET);
  for (let wire = 0; wire < entries.length; wire++) {
    const entry = entries[wire];
    if (isReference(entry)) writeLittleEndian(bytes, VALUES_OFFSET + FIELD_BYTES * wire, resolve(entry, big));
    else if (entry >= 0) writeSmall(words, 8 * wire, entry);
    else writeNegative(words, 8 * wire, -entry);
  }
  return bytes;
}

/** Reads a `.wtns` file over BN254; values above the field are rejected. */
export function decodeWtns(bytes: Uint8Array): FieldVector {
  const sections = decodeContainer(bytes, FORMAT);
  const header = sections.get(HEADER_SECTION);
  const values = sections.get(VALUES_SECTION);
  if (header?.length !== HEADER_BYTES || values === undefined) {
    throw new MalformedFileError('wtns', 'its header or its values are missing');
  }
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  if (view.getUint32(0, true) !== FIELD_BYTES || readLittleEndian(header, 4) !== SCALAR_MODULUS) {
    throw new MalformedFileError('wtns', 'its field is not the scalar field of BN254');
  }
  const wires = view.getUint32(36, true);
  if (wires > MAX_WIRES || values.length !== FIELD_BYTES * wires) {
    throw new MalformedFileError('wtns', `${values.length} bytes cannot hold ${wires} values`);
  }
  return decodeValues(values, wires);
}

function decodeValues(bytes: Uint8Array, wires: number): FieldVector {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const big = new BigScalars();
  const entries = new Float64Array(wires);
  for (let wire = 0; wire < wires; wire++) {
    const offset = FIELD_BYTES * wire;
    let high = view.getUint32(offset + 4, true) >>> 21;
    for (let at = 8; at < FIELD_BYTES; at += 4) high |= view.getUint32(offset + at, true);
    if (high === 0) {
      entries[wire] = view.getUint32(offset, true) + 2 ** 32 * view.getUint32(offset + 4, true);
      continue;
    }
    const value = readLittleEndian(bytes, offset);
    if (!isScalar(value))
      throw new MalformedFileError('wtns', `the value of wire ${wire} is not below the field's order`);
    entries[wire] = big.entry(value);
  }
  return { entries, big: big.values };
}

const MODULUS_WORDS = modulusWords();

function modulusWords(): Uint32Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeLittleEndian(bytes, 0, SCALAR_MODULUS);
  return new Uint32Array(bytes.buffer);
}

function writeSmall(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = value / 2 ** 32;
}

/** r − magnitude; magnitude < 2^53 is below r's two low words, so no borrow leaves them. */
function writeNegative(words: Uint32Array, at: number, magnitude: number): void {
  words.set(MODULUS_WORDS, at);
  const low = MODULUS_WORDS[0] - (magnitude % 2 ** 32);
  const borrow = low < 0 ? 1 : 0;
  words[at] = low + borrow * 2 ** 32;
  words[at + 1] = MODULUS_WORDS[1] - Math.floor(magnitude / 2 ** 32) - borrow;
}
