import { isScalar, SCALAR_MODULUS, type Scalar } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian, writeLittleEndian } from '../field/bytes.ts';
import { decodeContainer, encodeContainerHead, encodeSectionHead, MalformedFileError } from '../field/sections.ts';
import { BigScalars, resolve } from '../field/vector.ts';
import { writeFileAtomically } from '../write-file.ts';
import { GrowingFloat64, GrowingUint32 } from './growing.ts';
import type { Matrix, System } from './system.ts';

const HEADER_SECTION = 1;
const ROWS_SECTION = 2;
const LABELS_SECTION = 3;
const FORMAT = { magic: 'r1cs', version: 1, sections: [HEADER_SECTION, ROWS_SECTION, LABELS_SECTION] };
const HEADER_BYTES = 4 + FIELD_BYTES + 4 * 4 + 8 + 4;
const TERM_BYTES = 4 + FIELD_BYTES;
const CHUNK_BYTES = 1 << 22;

/** More wires or rows than any domain holds are refused before anything is allocated. */
const MAX_COUNT = 2 ** 28;

/** The system as an iden3 `.r1cs` file, in chunks of a few MB. Origins are not part of the format. */
export function* encodeR1cs(system: System): Generator<Uint8Array> {
  const terms = system.a.wire.length + system.b.wire.length + system.c.wire.length;
  yield encodeContainerHead(FORMAT, 3);
  yield encodeSectionHead(HEADER_SECTION, HEADER_BYTES);
  yield encodeHeader(system);
  yield encodeSectionHead(ROWS_SECTION, 12 * system.rows + TERM_BYTES * terms);
  yield* encodeRows(system);
  yield encodeSectionHead(LABELS_SECTION, 8 * system.wires);
  yield encodeLabels(system.wires);
}

export async function writeR1cs(path: string, system: System): Promise<void> {
  await writeFileAtomically(path, encodeR1cs(system));
}

/** Reads a `.r1cs` file over BN254. Every row and wire gets the origin `imported`. */
export function decodeR1cs(bytes: Uint8Array): System {
  const sections = decodeContainer(bytes, FORMAT);
  const shape = decodeHeader(sectionOf(sections, HEADER_SECTION));
  const rows = decodeRows(sectionOf(sections, ROWS_SECTION), shape);
  // Labels are not kept, but a file that claims wires must be long enough to name them.
  const labels = sectionOf(sections, LABELS_SECTION);
  if (labels.length !== 8 * shape.wires) {
    throw new MalformedFileError('r1cs', `${labels.length} bytes cannot hold the labels of ${shape.wires} wires`);
  }
  return {
    ...shape,
    ...rows,
    origins: [{ node: '', op: '', gadget: 'imported' }],
    rowOrigin: new Uint32Array(shape.rows),
    wireStart: new Uint32Array(1),
    wireOrigin: new Uint32Array(1),
  };
}

type Shape = Pick<System, 'rows' | 'wires' | 'outputs' | 'publicInputs' | 'privateInputs'>;

function encodeHeader(system: System): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FIELD_BYTES, true);
  writeLittleEndian(bytes, 4, SCALAR_MODULUS);
  view.setUint32(36, system.wires, true);
  view.setUint32(40, system.outputs, true);
  view.setUint32(44, system.publicInputs, true);
  view.setUint32(48, system.privateInputs, true);
  view.setBigUint64(52, BigInt(system.wires), true);
  view.setUint32(60, system.rows, true);
  return bytes;
}

function* encodeRows(system: System): Generator<Uint8Array> {
  const sides = [system.a, system.b, system.c];
  const encoded = new CoefficientCache(system.big);
  let bytes = new Uint8Array(CHUNK_BYTES);
  let view = new DataView(bytes.buffer);
  let used = 0;
  for (let row = 0; row < system.rows; row++) {
    for (const { rowPtr, wire, coefficient } of sides) {
      const end = rowPtr[row + 1];
      const size = 4 + TERM_BYTES * (end - rowPtr[row]);
      if (used + size > bytes.length) {
        yield bytes.subarray(0, used);
        bytes = new Uint8Array(Math.max(CHUNK_BYTES, size));
        view = new DataView(bytes.buffer);
        used = 0;
      }
      view.setUint32(used, end - rowPtr[row], true);
      used += 4;
      for (let i = rowPtr[row]; i < end; i++) {
        view.setUint32(used, wire[i], true);
        bytes.set(encoded.bytesOf(coefficient[i]), used + 4);
        used += TERM_BYTES;
      }
    }
  }
  yield bytes.subarray(0, used);
}

function encodeLabels(wires: number): Uint8Array {
  const words = new Uint32Array(2 * wires);
  for (let wire = 0; wire < wires; wire++) words[2 * wire] = wire;
  return new Uint8Array(words.buffer);
}

function sectionOf(sections: ReadonlyMap<number, Uint8Array>, id: number): Uint8Array {
  const section = sections.get(id);
  if (section === undefined) throw new MalformedFileError('r1cs', `section ${id} is missing`);
  return section;
}

function decodeHeader(bytes: Uint8Array): Shape {
  if (bytes.length !== HEADER_BYTES) throw new MalformedFileError('r1cs', `its header has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== FIELD_BYTES || readLittleEndian(bytes, 4) !== SCALAR_MODULUS) {
    throw new MalformedFileError('r1cs', 'its field is not the scalar field of BN254');
  }
  const [wires, outputs, publicInputs, privateInputs] = [36, 40, 44, 48].map((offset) => view.getUint32(offset, true));
  const rows = view.getUint32(60, true);
  if (wires > MAX_COUNT || rows > MAX_COUNT || outputs + publicInputs + privateInputs >= wires) {
    throw new MalformedFileError(
      'r1cs',
      `${rows} rows, ${wires} wires, ${outputs} + ${publicInputs} + ${privateInputs} inputs and outputs do not fit together`,
    );
  }
  return { rows, wires, outputs, publicInputs, privateInputs };
}

function decodeRows(bytes: Uint8Array, { rows, wires }: Shape): Pick<System, 'a' | 'b' | 'c' | 'big'> {
  if (bytes.length < 12 * rows) throw new MalformedFileError('r1cs', `${bytes.length} bytes cannot hold ${rows} rows`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const big = new BigScalars();
  const sides = [new SideReader(rows), new SideReader(rows), new SideReader(rows)];
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    for (const side of sides) {
      const left = bytes.length - offset - 4;
      const count = left < 0 ? 0 : view.getUint32(offset, true);
      if (left < TERM_BYTES * count) throw new MalformedFileError('r1cs', `row ${row} is cut off`);
      offset += 4;
      for (let i = 0; i < count; i++, offset += TERM_BYTES) {
        const wire = view.getUint32(offset, true);
        if (wire >= wires) throw new MalformedFileError('r1cs', `row ${row} names wire ${wire} of ${wires}`);
        side.add(wire, decodeCoefficient(bytes, view, offset + 4, row, big));
      }
      side.closeRow(row);
    }
  }
  if (offset !== bytes.length) throw new MalformedFileError('r1cs', 'bytes follow the last row');
  const [a, b, c] = sides.map((side) => side.finish());
  return { a, b, c, big: big.values };
}

function decodeCoefficient(bytes: Uint8Array, view: DataView, offset: number, row: number, big: BigScalars): number {
  let high = view.getUint32(offset + 4, true) >>> 21;
  for (let at = 8; at < FIELD_BYTES; at += 4) high |= view.getUint32(offset + at, true);
  if (high === 0) return view.getUint32(offset, true) + 2 ** 32 * view.getUint32(offset + 4, true);
  const value = readLittleEndian(bytes, offset);
  if (!isScalar(value)) throw new MalformedFileError('r1cs', `row ${row} has a coefficient above the field`);
  return big.entry(value);
}

class SideReader {
  readonly #rowPtr: Uint32Array;
  readonly #wire = new GrowingUint32(1 << 10);
  readonly #coefficient = new GrowingFloat64(1 << 10);

  constructor(rows: number) {
    this.#rowPtr = new Uint32Array(rows + 1);
  }

  add(wire: number, coefficient: number): void {
    this.#wire.push(wire);
    this.#coefficient.push(coefficient);
  }

  closeRow(row: number): void {
    this.#rowPtr[row + 1] = this.#wire.length;
  }

  finish(): Matrix {
    return { rowPtr: this.#rowPtr, wire: this.#wire.finish(), coefficient: this.#coefficient.finish() };
  }
}

/** Little-endian bytes of coefficients; weights repeat, so each value is encoded once. */
class CoefficientCache {
  readonly #known = new Map<number, Uint8Array>();
  readonly #big: readonly Scalar[];

  constructor(big: readonly Scalar[]) {
    this.#big = big;
  }

  bytesOf(coefficient: number): Uint8Array {
    let bytes = this.#known.get(coefficient);
    if (bytes === undefined) {
      bytes = new Uint8Array(FIELD_BYTES);
      writeLittleEndian(bytes, 0, resolve(coefficient, this.#big));
      if (this.#known.size < MAX_CACHED) this.#known.set(coefficient, bytes);
    }
    return bytes;
  }
}

const MAX_CACHED = 1 << 18;
