import { randomBytes } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import { checkG1, checkG2 } from '../verify/points.ts';
import type { G1Point, G2Point } from '../verify/types.ts';
import type { PointScanner } from './scan-points.ts';
import type { SectionPlace } from './section-table.ts';
import { G1_BYTES, G2_BYTES, g1At, g2At } from './stored-points.ts';
import { SECTION } from './zkey-format.ts';

/** Whether x·G1 and y·G2 are of the same x = y: e(x·G1, G2) = e(G1, y·G2). The points are checked first. */
export function isSameMultiple(name: string, g1: G1Point, g2: G2Point): boolean {
  const [left, right] = [checkG1(name, g1), checkG2(name, g2)];
  if (left.is0() || right.is0()) return left.is0() && right.is0();
  const { G1, G2, fields } = bn254;
  const pairs = [
    { g1: left, g2: G2.Point.BASE },
    { g1: G1.Point.BASE.negate(), g2: right },
  ];
  return fields.Fp12.eql(bn254.pairingBatch(pairs), fields.Fp12.ONE);
}

const SCALAR_BYTES = 16;
/** Bytes that `areTwins` allocates. */
export const TWINS_SPACE = (SCALAR_BYTES << 12) + 4096;

/**
 * Whether sections B1 and B2 hold the same multiples of the two generators, point by point: one random combination of
 * 128-bit factors decides, which a difference passes with probability 2^-128.
 */
export async function areTwins(
  { curve, scan }: PointScanner,
  places: ReadonlyMap<number, SectionPlace>,
): Promise<boolean> {
  const [b1, b2] = [SECTION.b1, SECTION.b2].map((id) => places.get(id) ?? { position: 0, length: 0 });
  const scalars = curve.allocate(SCALAR_BYTES << 12);
  const [part, sum1, sum2] = [curve.allocate(512), curve.allocate(512), curve.allocate(512)];
  curve.call('g1m_zero')(sum1);
  curve.call('g2m_zero')(sum2);
  const addCombination = (group: string, points: number, count: number, sum: number) => {
    curve.call(`${group}m_multiexpAffine`)(points, scalars, SCALAR_BYTES, count, part);
    curve.call(`${group}m_add`)(sum, part, sum);
  };
  const sections = [
    { place: b1, group: 'g1' },
    { place: b2, group: 'g2' },
  ] as const;
  await scan(sections, ({ count, addresses: [first, second] }) => {
    curve.bytes.set(randomBytes(SCALAR_BYTES * count), scalars);
    addCombination('g1', first, count, sum1);
    addCombination('g2', second, count, sum2);
    return true;
  });
  curve.call('g1m_toAffine')(sum1, sum1);
  curve.call('g2m_toAffine')(sum2, sum2);
  const left = g1At(curve.bytes.slice(sum1, sum1 + G1_BYTES), 0);
  return isSameMultiple('B', left, g2At(curve.bytes.slice(sum2, sum2 + G2_BYTES), 0));
}
