import { BASE_MODULUS, SCALAR_MODULUS } from '../field/bn254.ts';
import { readLittleEndian } from '../field/bytes.ts';
import { decodeContainer, MalformedFileError } from '../field/sections.ts';
import { checkVerifyingKey } from '../verify/points.ts';
import type { VerifyingKey } from '../verify/types.ts';
import { readSectionTable } from './section-table.ts';
import { G1_BYTES, G2_BYTES, g1At, g2At } from './stored-points.ts';
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
  const { kept } = await readSectionTable(path, ZKEY_FORMAT, SUMMARY_LIMITS);
  return decodeZkeySummary(sectionOf(kept, SECTION.header), sectionOf(kept, SECTION.ic));
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

const HEADER_BYTES = 84 + 3 * G1_BYTES + 3 * G2_BYTES;
const MAX_PUBLIC = 1 << 16;

/** The sections that a summary needs, and the most bytes each may have. */
export const SUMMARY_LIMITS: ReadonlyMap<number, number> = new Map([
  [SECTION.header, HEADER_BYTES],
  [SECTION.ic, G1_BYTES * (MAX_PUBLIC + 1)],
]);

function sectionOf(sections: ReadonlyMap<number, Uint8Array>, id: number): Uint8Array {
  const section = sections.get(id);
  if (section === undefined) throw malformed(`section ${id} is missing`);
  return section;
}

function malformed(what: string): MalformedFileError {
  return new MalformedFileError('zkey', what);
}
