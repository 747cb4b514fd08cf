import { signedWidth } from '../../quant/width.ts';
import { type Emit, indices, isKnown } from '../emission.ts';
import { forEach } from '../text.ts';
import { assignKnown, assignSame, knownElements } from './linear.ts';

/** The text of [t ≥ 0] as an assignment's right side, for t in [lo, hi]. */
export function signText(t: string, lo: number, hi: number): string {
  if (lo >= 0) return '1';
  if (hi < 0) return '0';
  return lo >= -1 && hi <= 0 ? `${t} + 1` : `IsNonNegative(${signedWidth(lo, hi)})(${t})`;
}

/** The text of [d = 0] as an assignment's right side, for d in [lo, hi]. */
export function zeroText(d: string, lo: number, hi: number): string {
  if (lo > 0 || hi < 0) return '0';
  if (lo === 0 && hi <= 1) return `1 - (${d})`;
  if (lo >= -1 && hi === 0) return `1 + ${d}`;
  return lo >= -1 && hi <= 1 ? `IsZeroOfThree()(${d})` : `IsZero()(${d})`;
}

/** a < b as [b − a − 1 ≥ 0], a ≤ b as [b − a ≥ 0], a = b as [a − b = 0]. */
export const emitCompare: Emit<'compare'> = (emission) => {
  const { name, node, operands, own } = emission;
  const [a, b] = operands;
  const strict = node.relation === 'lt' ? 1 : 0;
  const lines = assignKnown(emission, knownElements(emission));
  for (const i of indices(own.lo.length, (i) => !isKnown(own, i))) {
    const [left, right] = [`${a.name}[${i}]`, `${b.name}[${i}]`];
    const [least, most] = [b.range.lo[i] - a.range.hi[i], b.range.hi[i] - a.range.lo[i]];
    const answer =
      node.relation === 'eq'
        ? zeroText(`${left} - ${right}`, -most, -least)
        : signText(`${right} - ${left} - ${strict}`, least - strict, most - strict);
    lines.push(`${name}[${i}] <== ${answer};`);
  }
  return lines;
};

/** b + c·(a − b); linear where both sides are known. */
export const emitSelect: Emit<'select'> = (emission) => {
  const { name, operands, own } = emission;
  const [c, a, b] = operands;
  const decided = (value: number): number[] =>
    indices(own.lo.length, (i) => !isKnown(own, i) && isKnown(c.range, i) && c.range.lo[i] === value);
  const open = indices(own.lo.length, (i) => !isKnown(c.range, i));
  const settled = indices(own.lo.length, (i) => isKnown(own, i) && isKnown(c.range, i));
  const fixed = open.filter((i) => isKnown(a.range, i) && isKnown(b.range, i));
  const product = open.filter((i) => !fixed.includes(i));
  return [
    ...assignKnown(emission, settled),
    ...assignSame(emission, decided(1), 1),
    ...assignSame(emission, decided(0), 2),
    ...forEach(
      { at: fixed, low: fixed.map((i) => b.range.lo[i]), step: fixed.map((i) => a.range.lo[i] - b.range.lo[i]) },
      ({ at, low, step }) => [`${name}[${at}] <== ${step} * ${c.name}[${at}] + ${low};`],
    ),
    ...forEach({ at: product }, ({ at }) => [
      `${name}[${at}] <== ${c.name}[${at}] * (${a.name}[${at}] - ${b.name}[${at}]) + ${b.name}[${at}];`,
    ]),
  ];
};
