import { type Emit, indices, isKnown } from '../emission.ts';
import { forEach, sumOf } from '../text.ts';
import { assignKnown } from './linear.ts';

/** One constraint where both factors vary; linear with a known one. */
export const emitMul: Emit<'mul'> = (emission) => {
  const { name, operands, own } = emission;
  const [a, b] = operands;
  const pick = (left: boolean, right: boolean): number[] =>
    indices(own.lo.length, (i) => isKnown(a.range, i) === left && isKnown(b.range, i) === right);
  const scaled = (at: readonly number[], known: typeof a, open: typeof a): string[] =>
    forEach({ at, factor: at.map((i) => known.range.lo[i]) }, ({ at, factor }) => [
      `${name}[${at}] <== ${factor} * ${open.name}[${at}];`,
    ]);
  return [
    ...assignKnown(emission, pick(true, true)),
    ...scaled(pick(true, false), a, b),
    ...scaled(pick(false, true), b, a),
    ...forEach({ at: pick(false, false) }, ({ at }) => [`${name}[${at}] <== ${a.name}[${at}] * ${b.name}[${at}];`]),
  ];
};

/** A constraint per product of two values that vary, and one linear one per sum. */
export const emitMatMul: Emit<'matmul'> = ({ name, node, operands, own }) => {
  const { m, k, n } = node;
  const [a, b] = operands;
  const left: number[] = [];
  const right: number[] = [];
  const sums = Array.from(own.lo, (_, out) => {
    const terms: (readonly [number, string])[] = [];
    const start = left.length;
    let constant = 0;
    for (let j = 0; j < k; j++) {
      const row = Math.floor(out / n);
      const p = row * k + j;
      const q = (Math.floor(row / m) * k + j) * n + (out % n);
      const [fixedLeft, fixedRight] = [isKnown(a.range, p), isKnown(b.range, q)];
      if (fixedLeft && fixedRight) constant += a.range.lo[p] * b.range.lo[q];
      else if (fixedLeft) terms.push([a.range.lo[p], `${b.name}[${q}]`]);
      else if (fixedRight) terms.push([b.range.lo[q], `${a.name}[${p}]`]);
      else {
        left.push(p);
        right.push(q);
      }
    }
    return { out, start, count: left.length - start, terms, constant };
  });
  const product = `${name}_product`;
  const plain = sums.filter(({ count, terms, constant }) => count > 0 && terms.length === 0 && constant === 0);
  const mixed = sums.filter((sum) => !plain.includes(sum));
  return [
    ...(left.length === 0 ? [] : [`signal ${product}[${left.length}];`]),
    ...forEach({ at: left.map((_, i) => i), left, right }, ({ at, left, right }) => [
      `${product}[${at}] <== ${a.name}[${left}] * ${b.name}[${right}];`,
    ]),
    ...forEach(
      {
        at: plain.map(({ out }) => out),
        start: plain.map(({ start }) => start),
        count: plain.map(({ count }) => count),
      },
      ({ at, start, count }) => [
        'var sum = 0;',
        `for (var j = 0; j < ${count}; j++) {`,
        `    sum += ${product}[${start} + j];`,
        '}',
        `${name}[${at}] <== sum;`,
      ],
    ),
    ...mixed.map(({ out, start, count, terms, constant }) => {
      const own = Array.from({ length: count }, (_, j) => [1, `${product}[${start + j}]`] as const);
      return `${name}[${out}] <== ${sumOf([...own, ...terms], constant)};`;
    }),
  ];
};
