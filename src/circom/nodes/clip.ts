import { bitLength, signedWidth } from '../../quant/width.ts';
import { type Emit, indices, isKnown } from '../emission.ts';
import { literal } from '../text.ts';
import { assignKnown, assignSame, knownElements } from './linear.ts';

/**
 * min(max(x, lo), hi): one positive part for one end. For both ends a saturation where the interval spans 2^h or 2^h − 1,
 * else a coarse saturation and a positive part on what is left, or two positive parts, whichever is cheaper.
 */
export const emitClip: Emit<'clip'> = (emission) => {
  const { name, node, operands, own } = emission;
  const [{ name: x, range }] = operands;
  const { lo, hi } = node;
  const open = indices(own.lo.length, (i) => !isKnown(own, i));
  const inside = (i: number): boolean => range.lo[i] >= lo && range.hi[i] <= hi;
  const lines = [...assignKnown(emission, knownElements(emission)), ...assignSame(emission, open.filter(inside))];
  for (const i of open) {
    if (inside(i)) continue;
    const [least, most] = [range.lo[i], range.hi[i]];
    const [y, above, below] = [`${name}[${i}]`, `${x}[${i}] - ${literal(lo)}`, `${literal(hi)} - ${x}[${i}]`];
    const [part, over] = [`${name}_part${i}`, `${name}_over${i}`];
    if (most <= hi) {
      const width = signedWidth(least - lo, most - lo);
      lines.push(`signal ${part} <== PositivePart(${width}, 0)(${above});`, `${y} <== ${literal(lo)} + ${part};`);
    } else if (least >= lo) {
      const width = signedWidth(hi - most, hi - least);
      lines.push(`signal ${over} <== PositivePart(${width}, 0)(${below});`, `${y} <== ${literal(hi)} - ${over};`);
    } else {
      const { first, second } = bothEnds(lo, hi, least, most);
      lines.push(`signal ${part} <== ${first}(${above});`);
      if (second === 0) lines.push(`${y} <== ${literal(lo)} + ${part};`);
      else {
        const room = `${literal(hi - lo)} - ${part}`;
        lines.push(`signal ${over} <== PositivePart(${second}, 0)(${room});`, `${y} <== ${literal(hi)} - ${over};`);
      }
    }
  }
  return lines;
};

/** What x − lo goes through first, and the signed width of a positive part that cuts the rest (0: none). */
function bothEnds(lo: number, hi: number, least: number, most: number): { first: string; second: number } {
  const reach = hi - lo;
  const width = signedWidth(least - lo, most - lo);
  const exact = [reach, reach + 1].find((size) => Number.isInteger(Math.log2(size)));
  if (exact !== undefined) return { first: `Saturate(${width}, ${Math.log2(exact)}, ${reach})`, second: 0 };
  const second = signedWidth(hi - most, reach);
  const span = bitLength(reach);
  const test = width - span === 2 ? 1 : 3;
  if (width >= span + 2 && width + 1 + test + span + 2 < width + 1 + second + 1) {
    return { first: `Saturate(${width}, ${span}, ${2 ** span - 1})`, second: span + 1 };
  }
  return { first: `PositivePart(${width}, 0)`, second };
}
