import type { QKind } from '../../../src/quant/qgraph.ts';
import { GraphUnderTest, type OperandForm } from './operand.ts';
import type { Random } from './random.ts';

/** How large the values of a random node are. */
export interface Size {
  /** Bits of operands, at most. */
  readonly bits: number;
  /** Elements, at most. */
  readonly elements: number;
}

const forms: readonly OperandForm[] = ['wire', 'wire', 'dense', 'dense', 'mixed', 'known'];

type Make = (graph: GraphUnderTest, random: Random, size: Size) => readonly number[];

/** Operands of one or both signs, of any form. */
function someOperand(
  graph: GraphUnderTest,
  random: Random,
  { bits }: Size,
  elements: number,
  form?: OperandForm,
): number {
  const width = random.int(1, bits);
  const lo = random.pick([0, -(2 ** (width - 1)), -(2 ** width) + 1, random.int(-(2 ** bits), 2 ** bits), 1]);
  return graph.operand(form ?? random.pick(forms), elements, lo, width);
}

const elementsOf = (random: Random, { elements }: Size): number => random.int(1, elements);

/** Unary nodes never stand on constants: the builder would fold them. */
const varying: readonly OperandForm[] = ['wire', 'dense', 'mixed'];

/** A random node of every kind that has a gadget, on random operands. */
export const makeNode: Readonly<Partial<Record<QKind, Make>>> = {
  mul(graph, random, size) {
    const count = elementsOf(random, size);
    const a = someOperand(graph, random, size, count);
    const b = random.chance(0.2) ? a : someOperand(graph, random, size, count);
    return [graph.push({ kind: 'mul', inputs: [a, b], shape: [count], scale: 1 })];
  },
  matmul(graph, random, size) {
    const [batch, m, k, n] = [random.int(1, 2), random.int(1, 2), random.int(1, 3), random.int(1, 2)];
    const a = someOperand(graph, random, size, batch * m * k);
    const b = someOperand(graph, random, size, batch * k * n);
    return [graph.push({ kind: 'matmul', inputs: [a, b], shape: [batch, m, n], scale: 1, batch, m, k, n })];
  },
  rescale(graph, random, size) {
    const count = elementsOf(random, size);
    const x = someOperand(graph, random, size, count, random.pick(['wire', 'dense'] as const));
    const shift = random.int(0, size.bits);
    const width = random.chance(0.4) ? random.int(shift + 1, Math.max(shift + 1, size.bits + 1)) : null;
    const relu = random.chance(0.5);
    return [graph.push({ kind: 'rescale', inputs: [x], shape: [count], scale: 1, shift, relu, width })];
  },
  clip(graph, random, size) {
    const count = elementsOf(random, size);
    const x = someOperand(graph, random, size, count, random.pick(varying));
    const lo = random.int(-(2 ** (size.bits - 1)), 2 ** (size.bits - 1));
    const reach = random.pick([
      0,
      1,
      2 ** random.int(0, size.bits),
      2 ** random.int(1, size.bits) - 1,
      random.int(1, 9),
    ]);
    return [graph.push({ kind: 'clip', inputs: [x], shape: [count], scale: 1, lo, hi: lo + reach })];
  },
  round(graph, random, size) {
    const count = elementsOf(random, size);
    const x = someOperand(graph, random, size, count, random.pick(varying));
    const mode = random.pick(['floor', 'ceil', 'trunc', 'even'] as const);
    return [
      graph.push({ kind: 'round', inputs: [x], shape: [count], scale: 1, mode, shift: random.int(0, size.bits) }),
    ];
  },
  compare(graph, random, size) {
    const count = elementsOf(random, size);
    const inputs = [someOperand(graph, random, size, count), someOperand(graph, random, size, count)];
    const relation = random.pick(['lt', 'le', 'eq'] as const);
    return [graph.push({ kind: 'compare', inputs, shape: [count], scale: 1, relation })];
  },
  select(graph, random, size) {
    const count = elementsOf(random, size);
    const condition = graph.operand(random.pick(['wire', 'mixed', 'known'] as const), count, 0, 1);
    const inputs = [condition, someOperand(graph, random, size, count), someOperand(graph, random, size, count)];
    return [graph.push({ kind: 'select', inputs, shape: [count], scale: 1 })];
  },
  max(graph, random, size) {
    const count = elementsOf(random, size);
    const a = someOperand(graph, random, size, count);
    if (random.chance(0.3)) {
      const negated = graph.push({ kind: 'add', inputs: [a], shape: [count], scale: 1, coefficients: [-1] });
      const gather = Int32Array.from({ length: 2 * count }, (_, i) => (i % 2) * count + Math.floor(i / 2));
      return [graph.push({ kind: 'max', inputs: [a, negated], shape: [count], scale: 1, window: 2, gather })];
    }
    const inputs = random.chance(0.5) ? [a] : [a, someOperand(graph, random, size, count)];
    const [windows, window] = [random.int(1, 2), random.int(1, 3)];
    const gather = Int32Array.from({ length: windows * window }, (_, i) =>
      i % window > 0 && random.chance(0.2) ? -1 : random.int(0, inputs.length * count - 1),
    );
    return [graph.push({ kind: 'max', inputs, shape: [windows], scale: 1, window, gather })];
  },
  argmax(graph, random, size) {
    const [rows, length] = [random.int(1, 2), random.int(1, 4)];
    const x = someOperand(graph, random, size, rows * length, random.pick(varying));
    const tie = random.pick(['first', 'last'] as const);
    return [graph.push({ kind: 'argmax', inputs: [x], shape: [rows], scale: 1, rows, length, tie })];
  },
  topk(graph, random, size) {
    const [rows, length] = [random.int(1, 2), random.int(1, 4)];
    const k = random.int(1, length);
    const x = someOperand(graph, random, size, rows * length, random.pick(varying));
    const common = { kind: 'topk', inputs: [x], shape: [rows, k], scale: 1, rows, length, k } as const;
    const largest = random.chance(0.5);
    const results = random.pick([['values'], ['indices'], ['values', 'indices']] as const);
    return results.map((result) => graph.push({ ...common, largest, result }));
  },
  function(graph, random, size) {
    const count = elementsOf(random, size);
    const bits = random.int(1, size.bits);
    const segmentBits = random.int(0, Math.min(bits, 3));
    const degree = random.int(0, 2);
    const lo = random.int(-(2 ** bits), 5);
    const coefficients = Array.from({ length: degree + 1 }, () => random.ints(2 ** segmentBits, -20, 20));
    const x = graph.operand(random.pick(['wire', 'mixed'] as const), count, lo, bits);
    const common = { kind: 'function', inputs: [x], shape: [count], scale: 1, name: 'test' } as const;
    return [graph.push({ ...common, lo, bits, segmentBits, shift: random.int(0, 4), coefficients })];
  },
  divide(graph, random, size) {
    const count = elementsOf(random, size);
    const mode = random.pick(['nearest', 'floor', 'trunc'] as const);
    const x = someOperand(graph, random, size, count);
    const least = random.int(1, 3);
    const sign = mode === 'nearest' || random.chance(0.5) ? 1 : -1;
    const divisor = graph.operand(
      random.pick(['wire', 'mixed', 'known'] as const),
      count,
      least,
      random.int(1, size.bits),
    );
    const y =
      sign > 0 ? divisor : graph.push({ kind: 'add', inputs: [divisor], shape: [count], scale: 1, coefficients: [-1] });
    return [
      graph.push({ kind: 'divide', inputs: [x, y], shape: [count], scale: 1, mode, factor: random.pick([1, 1, 3, 8]) }),
    ];
  },
  sqrt(graph, random, size) {
    const count = elementsOf(random, size);
    const x = graph.operand(random.pick(['wire', 'mixed'] as const), count, random.int(0, 3), random.int(1, size.bits));
    return [graph.push({ kind: 'sqrt', inputs: [x], shape: [count], scale: 1, factor: random.pick([1, 1, 2, 7]) })];
  },
  bits(graph, random, size) {
    const count = elementsOf(random, size);
    const common = { kind: 'bits', shape: [count], scale: 1 } as const;
    const op = random.pick(['and', 'or', 'xor', 'wrap', 'shr'] as const);
    const width = random.int(1, size.bits);
    const signed = random.chance(0.5);
    if (op === 'wrap' || op === 'shr') {
      const x = someOperand(graph, random, size, count, random.pick(varying));
      return [graph.push({ ...common, inputs: [x], op, width, signed, amount: random.int(0, size.bits) })];
    }
    const lo = signed ? -(2 ** (width - 1)) : 0;
    const forms = ['wire', 'mixed', 'known'] as const;
    const inputs = [
      graph.operand(random.pick(forms), count, lo, width),
      graph.operand(random.pick(forms), count, lo, width),
    ];
    return [graph.push({ ...common, inputs, op, width, signed, amount: 0 })];
  },
  tree(graph, random, size) {
    return [graph.push(randomTrees(graph, random, size))];
  },
};

function randomTrees(graph: GraphUnderTest, random: Random, { bits }: Size) {
  const [rows, features, targets, trees] = [random.int(1, 2), random.int(1, 2), random.int(1, 3), random.int(1, 3)];
  const width = random.int(1, bits);
  const lo = random.int(-4, 4);
  const x = graph.operand(random.pick(['wire', 'dense', 'mixed'] as const), rows * features, lo, width);
  const lists = { feature: [0], threshold: [0], equality: [0], left: [0], right: [0] };
  for (const list of Object.values(lists)) list.length = 0;
  const leaves: { target: number; weight: number }[][] = [];
  const roots: number[] = [];
  const grow = (depth: number): number => {
    const node = lists.left.length;
    const inner = depth > 0 && random.chance(0.8);
    lists.feature.push(random.int(0, features - 1));
    lists.threshold.push(random.int(lo - 1, lo + 2 ** width));
    lists.equality.push(random.chance(0.2) ? 1 : 0);
    lists.left.push(-1);
    lists.right.push(-1);
    leaves.push([]);
    if (inner) {
      lists.left[node] = grow(depth - 1);
      lists.right[node] = grow(depth - 1);
    } else {
      for (let t = 0; t < targets; t++) {
        if (random.chance(0.6)) leaves[node].push({ target: t, weight: random.int(-9, 9) });
      }
    }
    return node;
  };
  for (let t = 0; t < trees; t++) roots.push(grow(random.int(0, 3)));
  const starts = [0];
  for (const own of leaves) starts.push(starts[starts.length - 1] + own.length);
  const flat = leaves.flat();
  return {
    kind: 'tree' as const,
    inputs: [x],
    shape: [rows, targets],
    scale: 1,
    rows,
    features,
    targets,
    gather: Int32Array.from({ length: rows * features }, (_, i) => i),
    roots: Int32Array.from(roots),
    feature: Int32Array.from(lists.feature),
    threshold: Float64Array.from(lists.threshold),
    equality: Uint8Array.from(lists.equality),
    left: Int32Array.from(lists.left),
    right: Int32Array.from(lists.right),
    leafStart: Int32Array.from(starts),
    leafTarget: Int32Array.from(flat, ({ target }) => target),
    leafWeight: Float64Array.from(flat, ({ weight }) => weight),
    base: random.ints(targets, -5, 5),
  };
}

/** A graph with one random node of a kind, all of its results published. */
export function graphOf(kind: QKind, random: Random, size: Size) {
  const make = makeNode[kind];
  if (make === undefined) throw new Error(`no generator for ${kind}`);
  const graph = new GraphUnderTest(random);
  return graph.finish(...make(graph, random, size));
}
