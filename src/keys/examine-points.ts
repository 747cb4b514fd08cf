import { publicCount, type System } from '../r1cs/system.ts';
import type { PointScanner, ScannedSection } from './scan-points.ts';
import type { SectionPlace } from './section-table.ts';
import { G1_BYTES, G2_BYTES } from './stored-points.ts';
import { SECTION } from './zkey-format.ts';

/**
 * The first point of a key that is off its curve, or infinite although its wire occurs in the circuit, or the other way
 * round; in words, or nothing. A section tells of the wires from `first` on that `used` marks.
 */
export async function findBadPoint(
  scanner: PointScanner,
  places: ReadonlyMap<number, SectionPlace>,
  system: System,
): Promise<string | undefined> {
  const { a, b, any } = usedWires(system);
  const always = new Uint8Array((places.get(SECTION.h)?.length ?? 0) / G1_BYTES).fill(1);
  const first = publicCount(system) + 1;
  const checks: readonly [name: string, id: number, group: ScannedSection['group'], used: Uint8Array][] = [
    ['A', SECTION.a, 'g1', a],
    ['B1', SECTION.b1, 'g1', b],
    ['B2', SECTION.b2, 'g2', b],
    ['C', SECTION.c, 'g1', any.subarray(first)],
    ['H', SECTION.h, 'g1', always],
  ];
  for (const [name, id, group, used] of checks) {
    const place = places.get(id) ?? { position: 0, length: 0 };
    const fault = await findIn(scanner, { place, group }, used);
    if (fault !== undefined) return `point ${fault.index} of section ${name} ${fault.what}`;
  }
  return undefined;
}

async function findIn(
  { curve, scan }: PointScanner,
  section: ScannedSection,
  used: Uint8Array,
): Promise<{ index: number; what: string } | undefined> {
  const { group } = section;
  const size = group === 'g1' ? G1_BYTES : G2_BYTES;
  const onCurve = curve.call(`${group}m_inCurveAffine`);
  const isInfinite = curve.call(`${group}m_isZeroAffine`);
  let fault: { index: number; what: string } | undefined;
  await scan([section], ({ first, count, addresses: [address] }) => {
    for (let i = 0; i < count && fault === undefined; i++) {
      const infinite = isInfinite(address + size * i) === 1;
      const index = first + i;
      if (infinite && used[index] === 1) fault = { index, what: 'is infinite, but its wire occurs in the circuit' };
      else if (!infinite && used[index] === 0) fault = { index, what: 'belongs to a wire that does not occur there' };
      else if (!infinite && onCurve(address + size * i) !== 1) fault = { index, what: 'does not lie on the curve' };
    }
    return fault === undefined;
  });
  return fault;
}

/** Wires that occur on side A (with the rows that keep public signals apart), on side B, and on any side. */
function usedWires(system: System): { readonly a: Uint8Array; readonly b: Uint8Array; readonly any: Uint8Array } {
  const mark = (wires: readonly Uint32Array[]): Uint8Array => {
    const used = new Uint8Array(system.wires);
    for (const list of wires) for (let i = 0; i < list.length; i++) used[list[i]] = 1;
    return used;
  };
  const a = mark([system.a.wire]).fill(1, 0, publicCount(system) + 1);
  return { a, b: mark([system.b.wire]), any: mark([system.a.wire, system.b.wire, system.c.wire]) };
}
