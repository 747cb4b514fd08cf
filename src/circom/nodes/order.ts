import { isAbsolute } from '../../quant/order-ranges.ts';
import type { Range } from '../../quant/qgraph.ts';
import { bitLength, signedWidth } from '../../quant/width.ts';
import { type Emission, type Emit, indices, isKnown } from '../emission.ts';
import { table } from '../text.ts';
import { signText } from './compare.ts';
import { assignKnown, assignSame } from './linear.ts';

/** The maximum of every window, member by member; max(x, −x) as 2·max(0, x) − x. */
export const emitMax: Emit<'max'> = (emission) => {
  const { name, node, operands, own, graph } = emission;
  if (isAbsolute(node, graph.nodes)) return magnitude(emission);
  const members = operands.flatMap(({ name, range }) =>
    Array.from(range.lo, (lo, i) => ({ text: `${name}[${i}]`, lo, hi: range.hi[i] })),
  );
  const lines: string[] = [];
  let contests = 0;
  for (let window = 0; window < own.lo.length; window++) {
    let most: (typeof members)[number] | undefined;
    for (const source of node.gather.subarray(window * node.window, (window + 1) * node.window)) {
      if (source < 0) continue;
      const x = members[source];
      if (most === undefined || x.lo >= most.hi) {
        if (most === undefined || x.hi > most.lo) most = x;
      } else if (x.hi > most.lo) {
        const width = signedWidth(x.lo - most.hi, x.hi - most.lo);
        const text = `${name}_most[${contests++}]`;
        lines.push(`${text} <== Max(${width})(${most.text}, ${x.text});`);
        most = { text, lo: Math.max(most.lo, x.lo), hi: Math.max(most.hi, x.hi) };
      }
    }
    if (most !== undefined) lines.push(`${name}[${window}] <== ${most.text};`);
  }
  return contests === 0 ? lines : [`signal ${name}_most[${contests}];`, ...lines];
};

function magnitude(emission: Emission): string[] {
  const { name, operands, own } = emission;
  const [x] = operands;
  return Array.from(own.lo, (lo, i) => {
    const [least, most] = [x.range.lo[i], x.range.hi[i]];
    if (isKnown(own, i) && !(least < 0 && most > 0)) return [`${name}[${i}] <== ${lo};`];
    if (least >= 0) return [`${name}[${i}] <== ${x.name}[${i}];`];
    if (most <= 0) return [`${name}[${i}] <== -${x.name}[${i}];`];
    return [
      `signal ${name}_part${i} <== PositivePart(${signedWidth(least, most)}, 0)(${x.name}[${i}]);`,
      `${name}[${i}] <== 2 * ${name}_part${i} - ${x.name}[${i}];`,
    ];
  }).flat();
}

/** The index of each row's largest element; of two elements a comparison. */
export const emitArgMax: Emit<'argmax'> = (emission) => {
  const { name, node, operands } = emission;
  const { rows, length, tie } = node;
  const [{ name: x, range }] = operands;
  if (length === 1)
    return assignKnown(
      emission,
      indices(rows, () => true),
    );
  return Array.from({ length: rows }, (_, row) => {
    const first = row * length;
    if (length === 2) {
      const strict = tie === 'first' ? 1 : 0;
      const [least, most] = [range.lo[first + 1] - range.hi[first], range.hi[first + 1] - range.lo[first]];
      const lead = `${x}[${first + 1}] - ${x}[${first}] - ${strict}`;
      return [`${name}[${row}] <== ${signText(lead, least - strict, most - strict)};`];
    }
    const most = Math.max(...range.hi.subarray(first, first + length));
    const widths = Array.from({ length }, (_, j) => bitLength(most - range.lo[first + j]));
    const largest = `${name}_largest${row}`;
    return [
      `component ${largest} = ArgMax(${length}, ${tie === 'last' ? 1 : 0}, ${table(widths)});`,
      ...feed(`${largest}.in`, x, first, length),
      `${name}[${row}] <== ${largest}.out;`,
    ];
  }).flat();
};

/** Values and indices of one selection share its component. */
export const emitTopK: Emit<'topk'> = (emission) => {
  const { name, node, operands, selections } = emission;
  const { rows, length, k, largest, result } = node;
  const [{ name: x, range }] = operands;
  if (length === 1) {
    const all = indices(rows * k, () => true);
    return result === 'indices' ? assignKnown(emission, all) : assignSame(emission, all);
  }
  const key = `${x}, ${rows}, ${length}, ${k}, ${largest}`;
  const known = selections.get(key);
  const selection = known ?? `${name}_first`;
  selections.set(key, selection);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const first = row * length;
    if (known === undefined) {
      const [order, rest] = topkWidths(range, first, length);
      lines.push(
        `component ${selection}${row} = TopK(${length}, ${k}, ${largest ? 1 : 0}, ${order}, ${rest});`,
        ...feed(`${selection}${row}.in`, x, first, length),
      );
    }
    const port = result === 'indices' ? 'index' : 'value';
    for (let p = 0; p < k; p++) lines.push(`${name}[${row * k + p}] <== ${selection}${row}.${port}[${p}];`);
  }
  return lines;
};

/** Bits of length·reach + length − 2 and of reach + 1; reach is the widest distance of two elements of the row. */
function topkWidths({ lo, hi }: Range, first: number, length: number): readonly [order: number, rest: number] {
  const reach = Math.max(...hi.subarray(first, first + length)) - Math.min(...lo.subarray(first, first + length));
  return [bitLength(length * reach + length - 2), bitLength(reach + 1)];
}

function feed(port: string, x: string, first: number, length: number): string[] {
  return [`for (var j = 0; j < ${length}; j++) {`, `    ${port}[j] <== ${x}[${first} + j];`, '}'];
}
