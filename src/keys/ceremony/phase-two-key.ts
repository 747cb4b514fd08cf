import { bn254 } from '@noble/curves/bn254.js';
import { MalformedFileError } from '../../field/sections.ts';
import { checkG1 } from '../../verify/points.ts';
import type { G1Point } from '../../verify/types.ts';
import { readSectionTable, type SectionPlace } from '../section-table.ts';
import { G1_BYTES, G2_BYTES, g1At } from '../stored-points.ts';
import { decodeZkeySummary, SUMMARY_LIMITS, type ZkeySummary } from '../zkey.ts';
import { SECTION, ZKEY_FORMAT } from '../zkey-format.ts';
import { type ContributionList, decodeContributions, MAX_LIST_BYTES } from './contribution.ts';

/** A `.zkey` as a ceremony sees it. */
export interface PhaseTwoKey extends ZkeySummary, ContributionList {
  readonly path: string;
  readonly places: ReadonlyMap<number, SectionPlace>;
  /** The contents of its second section. */
  readonly header: Uint8Array;
  readonly beta1: G1Point;
  readonly delta1: G1Point;
}

/**
 * Reads a `.zkey` and checks its form: every section there and as long as the counts say, every point of the
 * header valid. The long sections are not read.
 */
export async function readPhaseTwoKey(path: string): Promise<PhaseTwoKey> {
  const limits = new Map([...SUMMARY_LIMITS, [SECTION.protocol, 4], [SECTION.contributions, MAX_LIST_BYTES]]);
  const { places, kept } = await readSectionTable(path, ZKEY_FORMAT, limits);
  const sectionOf = (id: number): Uint8Array => {
    const section = kept.get(id);
    if (section === undefined) throw new MalformedFileError('zkey', `section ${id} is missing`);
    return section;
  };
  const [protocol] = sectionOf(SECTION.protocol);
  if (protocol !== 1) throw new MalformedFileError('zkey', `it is for protocol ${protocol}, expected 1 (Groth16)`);
  const header = sectionOf(SECTION.header);
  const summary = decodeZkeySummary(header, sectionOf(SECTION.ic));
  checkLengths(summary, places);
  const [beta1, delta1] = [g1At(header, BETA1_OFFSET), g1At(header, DELTA1_OFFSET)];
  checkG1('beta1', beta1);
  if (checkG1('delta1', delta1).is0()) throw new MalformedFileError('zkey', 'delta1 is the point at infinity');
  return { path, places, header, beta1, delta1, ...summary, ...decodeContributions(sectionOf(SECTION.contributions)) };
}

/** Whether gamma is the generator, as every ceremony leaves it: a development key draws its own. */
export function hasCeremonyGamma({ verifyingKey: { gamma } }: ZkeySummary): boolean {
  const { x, y } = bn254.G2.Point.BASE.toAffine();
  return [x.c0, x.c1, y.c0, y.c1].every((coordinate, i) => coordinate === gamma.flat()[i]);
}

const BETA1_OFFSET = 84 + G1_BYTES;
const DELTA1_OFFSET = 84 + 2 * G1_BYTES + 2 * G2_BYTES;

function checkLengths({ wires, publicSignals, domain }: ZkeySummary, places: ReadonlyMap<number, SectionPlace>): void {
  const expected: [number, number][] = [
    [SECTION.a, G1_BYTES * wires],
    [SECTION.b1, G1_BYTES * wires],
    [SECTION.b2, G2_BYTES * wires],
    [SECTION.c, G1_BYTES * (wires - publicSignals - 1)],
    [SECTION.h, G1_BYTES * domain],
  ];
  for (const [id, length] of expected) {
    const found = places.get(id)?.length;
    if (found !== length) {
      throw new MalformedFileError('zkey', `section ${id} has ${found ?? 'no'} bytes, expected ${length}`);
    }
  }
  const coefficients = places.get(SECTION.coefficients)?.length ?? 0;
  if (coefficients < 4 || (coefficients - 4) % 44 !== 0) {
    throw new MalformedFileError('zkey', `its coefficients take ${coefficients} bytes`);
  }
}
