import { bitLength, signedWidth } from '../../quant/width.ts';
import { type Emit, indices, isKnown } from '../emission.ts';
import { forEach, literal, sumOf } from '../text.ts';
import { assignKnown, knownElements } from './linear.ts';

/**
 * floor(n / d) with d ≥ 1: both are negated for a negative divisor, `nearest` is floor((2·factor·x + y) / 2y), and `trunc`
 * adds d − 1 to a negative n.
 */
export const emitDivide: Emit<'divide'> = (emission) => {
  const { name, node, operands, own } = emission;
  const { mode, factor } = node;
  const [x, y] = operands;
  const nearest = mode === 'nearest';
  const lines = assignKnown(emission, knownElements(emission));
  for (const i of indices(own.lo.length, (i) => !isKnown(own, i))) {
    const [dividend, divisor] = [`${x.name}[${i}]`, `${y.name}[${i}]`];
    const [least, most] = [y.range.lo[i], y.range.hi[i]];
    const sign = least > 0 ? 1 : -1;
    const scale = nearest ? 2 : 1;
    const d = sumOf([[scale * sign, divisor]]);
    const n = sumOf([
      [sign * scale * factor, dividend],
      [nearest ? 1 : 0, divisor],
    ]);
    const [xLeast, xMost] = [x.range.lo[i], x.range.hi[i]];
    let raised = n;
    if (mode === 'trunc' && xLeast < 0 && xMost > 0) {
      const [positive, up] = [`${name}_positive${i}`, `${name}_up${i}`];
      const isNegative = sign > 0 ? `1 - ${positive}` : positive;
      const less = least === most ? literal(Math.abs(least) - 1) : `(${d} - 1)`;
      lines.push(
        `signal ${positive} <== IsNonNegative(${signedWidth(xLeast, xMost)})(${dividend});`,
        `signal ${up} <== (${isNegative}) * ${less};`,
      );
      raised = `${n} + ${up}`;
    } else if (mode === 'trunc' && xLeast >= 0 !== sign > 0) raised = `${n} + ${d} - 1`;
    const restBits = bitLength(scale * Math.max(Math.abs(least), Math.abs(most)) - 1);
    const quotientBits = bitLength(own.hi[i] - own.lo[i]);
    const template = `FloorDivide(${quotientBits}, ${literal(own.lo[i])}, ${restBits})`;
    lines.push(`${name}[${i}] <== ${template}(${raised.replaceAll('+ -', '- ')}, ${d});`);
  }
  return lines;
};

/** floor(√(factor·x)); an element that could be negative is checked even where its root is known. */
export const emitSqrt: Emit<'sqrt'> = (emission) => {
  const { name, node, operands, own } = emission;
  const [x] = operands;
  const open = indices(own.lo.length, (i) => !isKnown(own, i) || x.range.lo[i] < 0);
  const known = indices(own.lo.length, (i) => isKnown(own, i) && x.range.lo[i] >= 0);
  const columns = {
    at: open,
    bits: open.map((i) => bitLength(own.hi[i])),
    rest: open.map((i) => bitLength(2 * own.hi[i])),
  };
  return [
    ...assignKnown(emission, known),
    ...forEach(columns, ({ at, bits, rest }) => [
      `${name}[${at}] <== Sqrt(${bits}, ${rest})(${node.factor} * ${x.name}[${at}]);`,
    ]),
  ];
};
