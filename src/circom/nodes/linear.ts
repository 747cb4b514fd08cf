import { type Emission, type Emit, indices, isKnown } from '../emission.ts';
import { block, forEach, indent, sumOf, table } from '../text.ts';

/** Assigns elements whose bounds leave one value, or that are known otherwise. */
export function assignKnown(
  { name, own }: Emission,
  elements: readonly number[],
  values?: readonly number[],
): string[] {
  const value = values ?? elements.map((i) => own.lo[i]);
  return forEach({ at: elements, value }, ({ at, value }) => [`${name}[${at}] <== ${value};`]);
}

/** Assigns elements that are those of an operand. */
export function assignSame({ name, operands }: Emission, elements: readonly number[], operand = 0): string[] {
  return forEach({ at: elements }, ({ at }) => [`${name}[${at}] <== ${operands[operand].name}[${at}];`]);
}

/** The indices of elements whose bounds leave one value. */
export function knownElements({ own }: Emission): number[] {
  return indices(own.lo.length, (i) => isKnown(own, i));
}

export const emitConst: Emit<'const'> = (emission) => {
  return assignKnown(
    emission,
    indices(emission.own.lo.length, () => true),
    [...emission.node.data],
  );
};

/**
 * y[c, p] = bias + Σ_k weight[c, k]·x[from[group of c, p, k]], where −1 reads nothing. Summed in parts of √depth terms: the
 * compiler copies a sum whenever a term is added to it.
 */
export const emitAffine: Emit<'affine'> = (emission) => {
  const { name, node, operands } = emission;
  const { groups, outs, positions, depth, gather, weight, bias } = node;
  if (depth === 0)
    return assignKnown(
      emission,
      indices(emission.own.lo.length, () => true),
    );
  const rows = (values: Float64Array | Int32Array, count: number): string =>
    table(Array.from({ length: count }, (_, i) => values.subarray(i * depth, (i + 1) * depth)));
  const perChannel = bias.length === groups * outs;
  const window = groups === 1 ? 'p' : outs === 1 ? `c * ${positions} + p` : `c \\ ${outs} * ${positions} + p`;
  const padded = gather.some((source) => source < 0);
  const term = `part += weight[c][k] * ${operands[0].name}[from[${window}][k]];`;
  const chunk = Math.ceil(Math.sqrt(depth));
  return block([
    `var weight[${groups * outs}][${depth}] = ${rows(weight, groups * outs)};`,
    `var from[${groups * positions}][${depth}] = ${rows(gather, groups * positions)};`,
    `var bias[${bias.length}] = ${table(bias)};`,
    `for (var c = 0; c < ${groups * outs}; c++) {`,
    ...indent([
      `for (var p = 0; p < ${positions}; p++) {`,
      ...indent([
        `var sum = bias[${perChannel ? 'c' : `c * ${positions} + p`}];`,
        `for (var j = 0; j < ${depth}; j += ${chunk}) {`,
        ...indent([
          'var part = 0;',
          `for (var k = j; k < j + ${chunk} && k < ${depth}; k++) {`,
          ...indent(padded ? [`if (from[${window}][k] >= 0) {`, ...indent([term]), '}'] : [term]),
          '}',
          'sum += part;',
        ]),
        '}',
        `${name}[c * ${positions} + p] <== sum;`,
      ]),
      '}',
    ]),
    '}',
  ]);
};

export const emitMap: Emit<'map'> = (emission) => {
  const { name, node, operands } = emission;
  const { source, fill } = node;
  const filled = indices(source.length, (i) => source[i] < 0);
  const lines = assignKnown(
    emission,
    filled,
    filled.map(() => fill),
  );
  let start = 0;
  for (const operand of operands) {
    const first = start;
    const end = first + operand.range.lo.length;
    start = end;
    const at = indices(source.length, (i) => source[i] >= first && source[i] < end);
    const from = at.map((i) => source[i] - first);
    lines.push(...forEach({ at, from }, ({ at, from }) => [`${name}[${at}] <== ${operand.name}[${from}];`]));
  }
  return lines;
};

export const emitAdd: Emit<'add'> = ({ name, node, operands, own }) => {
  const at = indices(own.lo.length, () => true);
  return forEach({ at }, ({ at }) => {
    const terms = operands.map((operand, j) => [node.coefficients[j], `${operand.name}[${at}]`] as const);
    return [`${name}[${at}] <== ${sumOf(terms)};`];
  });
};
