import { bitLength, halfOf } from '../../quant/width.ts';
import { type Emit, indices, isKnown } from '../emission.ts';
import { block, forEach, table } from '../text.ts';
import { assignKnown } from './linear.ts';

/**
 * A polynomial for every segment of the domain, requantised. An element whose result is known is a number only where its
 * bounds lie in the domain; else the domain is still checked.
 */
export const emitFunction: Emit<'function'> = (emission) => {
  const { name, node, operands, own } = emission;
  const { lo, bits, segmentBits, shift, coefficients } = node;
  const [x] = operands;
  const isInside = (i: number): boolean => x.range.lo[i] >= lo && x.range.hi[i] < lo + 2 ** bits;
  const open = indices(own.lo.length, (i) => !isKnown(own, i) || !isInside(i));
  const known = indices(own.lo.length, (i) => isKnown(own, i) && isInside(i));
  const lines = assignKnown(emission, known);
  if (open.length === 0) return lines;
  const degree = bits === segmentBits ? 0 : coefficients.length - 1;
  const tables = coefficients.slice(0, degree + 1);
  const sum = `${name}_sum`;
  const columns = {
    i: open.map((_, j) => j),
    at: open,
    least: open.map((i) => own.lo[i]),
    width: open.map((i) => bitLength(own.hi[i] - own.lo[i])),
  };
  const evaluate = forEach(columns, ({ i, at, least, width }) => [
    `${sum}[${i}] <== Polynomial(${bits}, ${segmentBits}, ${degree}, table)(${x.name}[${at}] - (${lo}));`,
    shift === 0
      ? `${name}[${at}] <== ${sum}[${i}];`
      : `${name}[${at}] <== FloorQuotient(${shift}, ${least}, ${width})(${sum}[${i}] + ${halfOf(shift)});`,
  ]);
  const declaration = `var table[${degree + 1}][${2 ** segmentBits}] = ${table(tables)};`;
  return [...lines, `signal ${sum}[${open.length}];`, ...block([declaration, ...evaluate])];
};
