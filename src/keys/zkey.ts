import { open } from 'node:fs/promises';
import { BASE_MODULUS, SCALAR_MODULUS } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian } from '../field/bytes.ts';
import { decodeContainer, MalformedFileError } from '../field/sections.ts';
import { checkVerifyingKey } from '../verify/points.ts';
import type { G1Point, G2Point, VerifyingKey } from '../verify/types.ts';
import { SECTION, ZKEY_FORMAT } from './zkey-format.ts';

/** What a proving key says about itself. */
export interface ZkeySummary {
  readonly wires: number;
  readonly publicSignals: number;
  readonly domain: number;
  readonly verifyingKey: VerifyingKey;
}

/** Reads the summary of a `.zkey` file; only the two small sections are loaded. */
export async function readZkeySummary(path: string): Promise<ZkeySummary> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number): Promise<DataView> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      if (bytesRead !== length) throw malformed(`it ends at byte ${position + bytesRead}`);
      return new DataView(bytes.buffer);
    };
    const head = await read(0, 12);
    const count = head.getUint32(8, true);
    if (head.getUint32(0, true) !== MAGIC || count > ZKEY_FORMAT.sections.length) throw malformed('its head is wrong');
    const kept = new Map<number, Uint8Array>();
    let position = 12;
    for (let i = 0; i < count; i++) {
      const section = await read(position, 12);
      const id = section.getUint32(0, true);
      const length = Number(section.getBigUint64(4, true));
      position += 12;
      if (length > size - position)
        throw malformed(`section ${id} claims ${length} bytes, ${size - position} are left`);
      const most = id === SECTION.header ? HEADER_BYTES : id === SECTION.ic ? G1_BYTES * (MAX_PUBLIC + 1) : 0;
      if (most > 0) {
        if (length > most || kept.has(id)) throw malformed(`section ${id} has ${length} bytes or occurs twice`);
        kept.set(id, new Uint8Array((await read(position, length)).buffer));
      }
      position += length;
    }
    return decodeZkeySummary(sectionOf(kept, SECTION.header), sectionOf(kept, SECTION.ic));
  } finally {
    await file.close();
  }
}

/** The summary of a `.zkey` in memory. */
export function summariseZkey(bytes: Uint8Array): ZkeySummary {
  const sections = decodeContainer(bytes, ZKEY_FORMAT);
  return decodeZkeySummary(sectionOf(sections, SECTION.header), sectionOf(sections, SECTION.ic));
}

/** Decodes and validates the header section and the section of public-input points. */
export function decodeZkeySummary(header: Uint8Array, ic: Uint8Array): ZkeySummary {
  if (header.length !== HEADER_BYTES) throw malformed(`its header has ${header.length} bytes`);
  if (readLittleEndian(header, 4) !== BASE_MODULUS || readLittleEndian(header, 40) !== SCALAR_MODULUS) {
    throw malformed('its curve is not BN254');
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [wires, publicSignals, domain] = [72, 76, 80].map((offset) => view.getUint32(offset, true));
  if (publicSignals > MAX_PUBLIC || ic.length !== G1_BYTES * (publicSignals + 1)) {
    throw malformed(`${ic.length} bytes cannot hold the points of ${publicSignals} signals`);
  }
  const verifyingKey = {
    alpha: g1At(header, 84),
    beta: g2At(header, 84 + 2 * G1_BYTES),
    gamma: g2At(header, 84 + 2 * G1_BYTES + G2_BYTES),
    delta: g2At(header, 84 + 3 * G1_BYTES + 2 * G2_BYTES),
    ic: Array.from({ length: publicSignals + 1 }, (_, i) => g1At(ic, G1_BYTES * i)),
  };
  checkVerifyingKey(verifyingKey);
  return { wires, publicSignals, domain, verifyingKey };
}

const G1_BYTES = 64;
const G2_BYTES = 128;
const HEADER_BYTES = 84 + 3 * G1_BYTES + 3 * G2_BYTES;
const MAX_PUBLIC = 1 << 16;
const MAGIC = 0x79656b7a;

/** 2^-256 mod q: takes coordinates out of Montgomery form. */
const OUT_OF_MONTGOMERY = 20988524275117001072002809824448087578619730785600314334253784976379291040311n;

function coordinateAt(bytes: Uint8Array, offset: number): bigint {
  const value = readLittleEndian(bytes, offset);
  if (value >= BASE_MODULUS) throw malformed('a coordinate is not below the modulus');
  return (value * OUT_OF_MONTGOMERY) % BASE_MODULUS;
}

function g1At(bytes: Uint8Array, offset: number): G1Point {
  return [coordinateAt(bytes, offset), coordinateAt(bytes, offset + FIELD_BYTES)];
}

function g2At(bytes: Uint8Array, offset: number): G2Point {
  const [x0, x1, y0, y1] = [0, 1, 2, 3].map((i) => coordinateAt(bytes, offset + FIELD_BYTES * i));
  return [
    [x0, x1],
    [y0, y1],
  ];
}

function sectionOf(sections: ReadonlyMap<number, Uint8Array>, id: number): Uint8Array {
  const section = sections.get(id);
  if (section === undefined) throw malformed(`section ${id} is missing`);
  return section;
}

function malformed(what: string): MalformedFileError {
  return new MalformedFileError('zkey', what);
}
