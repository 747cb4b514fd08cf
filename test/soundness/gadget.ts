import type { NewQNode } from '../../src/quant/builder.ts';
import type { QGraph, QTree } from '../../src/quant/qgraph.ts';
import { GraphUnderTest } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';

/** A gadget at a width where every input can be tried. */
export interface SmallGadget {
  readonly name: string;
  readonly graph: QGraph;
  /** Rows of the gadget itself; a change shows in review. */
  readonly rows: number;
  /**
   * Rows of which each alone could be left out, because the others force the same witness: selectors add up to 1, so that
   * the bits of some follow from those of the others. Zero everywhere else.
   */
  readonly spare: number;
}

type Operand = readonly [lo: number, bits: number, size?: number];

/** One node on fresh inputs. */
export function gadget(
  name: string,
  rows: number,
  operands: readonly Operand[],
  node: (ids: readonly number[], graph: GraphUnderTest) => NewQNode,
  spare = 0,
): SmallGadget {
  const graph = new GraphUnderTest(new Random(1));
  const ids = operands.map(([lo, bits, size = 1]) => graph.input(size, lo, bits));
  return { name, rows, spare, graph: graph.finish(graph.push(node(ids, graph))) };
}

export const one = { shape: [1], scale: 1 } as const;

export const rescale = (
  name: string,
  rows: number,
  lo: number,
  bits: number,
  shift: number,
  relu: boolean,
  width?: number,
) =>
  gadget(name, rows, [[lo, bits]], (inputs) => ({
    kind: 'rescale',
    inputs,
    ...one,
    shift,
    relu,
    width: width ?? null,
  }));

export const clip = (name: string, rows: number, lo: number, bits: number, from: number, to: number) =>
  gadget(name, rows, [[lo, bits]], (inputs) => ({ kind: 'clip', inputs, ...one, lo: from, hi: to }));

export const round = (
  mode: 'floor' | 'ceil' | 'trunc' | 'even',
  rows: number,
  lo: number,
  bits: number,
  shift: number,
) =>
  gadget(`round ${mode}, shift ${shift}, ${bits} bits from ${lo}`, rows, [[lo, bits]], (inputs) => ({
    kind: 'round',
    inputs,
    ...one,
    mode,
    shift,
  }));

export const compare = (relation: 'lt' | 'le' | 'eq', rows: number, a: Operand, b: Operand) =>
  gadget(`compare ${relation}, ${a.join('/')} with ${b.join('/')}`, rows, [a, b], (inputs) => ({
    kind: 'compare',
    inputs,
    ...one,
    relation,
  }));

export const argmax = (tie: 'first' | 'last', rows: number, length: number, bits: number, spare = 0) =>
  gadget(
    `argmax of ${length}, ties to the ${tie}`,
    rows,
    [[-1, bits, length]],
    (inputs) => ({ kind: 'argmax', inputs, ...one, rows: 1, length, tie }),
    spare,
  );

export const topk = (k: number, length: number, largest: boolean, rows: number, bits: number, spare: number) =>
  gadget(
    `top ${k} of ${length}, ${largest ? 'largest' : 'smallest'}`,
    rows,
    [[0, bits, length]],
    (inputs) => ({
      kind: 'topk',
      inputs,
      shape: [1, k],
      scale: 1,
      rows: 1,
      length,
      k,
      largest,
      result: 'indices',
    }),
    spare,
  );

export const polynomial = (
  rows: number,
  bits: number,
  segmentBits: number,
  shift: number,
  tables: readonly number[][],
) =>
  gadget(
    `function of degree ${tables.length - 1}, ${2 ** segmentBits} segments, shift ${shift}`,
    rows,
    [[-3, bits]],
    (inputs) => ({
      kind: 'function',
      inputs,
      ...one,
      name: 'test',
      lo: -3,
      bits,
      segmentBits,
      shift,
      coefficients: tables.map((table) => Float64Array.from(table)),
    }),
  );

export const divide = (
  mode: 'nearest' | 'floor' | 'trunc',
  rows: number,
  x: Operand,
  y: Operand,
  { factor = 1, negate = false, spare = 0 } = {},
) =>
  gadget(
    `divide ${mode}, ${x.join('/')} by ${negate ? '−' : ''}${y.join('/')}, factor ${factor}`,
    rows,
    [x, y],
    ([a, b], graph) => {
      const divisor = negate ? graph.push({ kind: 'add', inputs: [b], ...one, coefficients: [-1] }) : b;
      return { kind: 'divide', inputs: [a, divisor], ...one, mode, factor };
    },
    spare,
  );

export const bits = (
  op: 'and' | 'or' | 'xor' | 'wrap' | 'shr',
  rows: number,
  operands: readonly Operand[],
  { width = 2, signed = false, amount = 0 } = {},
) =>
  gadget(`bits ${op} of ${operands.map((o) => o.join('/')).join(' and ')}`, rows, operands, (inputs) => ({
    kind: 'bits',
    inputs,
    ...one,
    op,
    width,
    signed,
    amount,
  }));

/** One tree over two features; `tests` are [feature, threshold, equality] in heap order, leaves their numbers. */
export const tree = (
  name: string,
  rows: number,
  features: readonly Operand[],
  tests: readonly (readonly [number, number, 0 | 1])[],
  targets: number,
  spare = 0,
) => {
  const inner = tests.length;
  const size = 2 * inner + 1;
  const isInner = (node: number): boolean => node < inner;
  const at = <T>(pick: (node: number) => T): T[] => Array.from({ length: size }, (_, node) => pick(node));
  const leaves = at((node) => (isInner(node) ? 0 : targets));
  const starts = [0];
  for (const count of leaves) starts.push(starts[starts.length - 1] + count);
  const shape: Omit<QTree, 'inputs' | 'origin'> = {
    kind: 'tree',
    shape: [1, targets],
    scale: 1,
    rows: 1,
    features: features.length,
    targets,
    gather: Int32Array.from(features, (_, f) => f),
    roots: Int32Array.of(0),
    feature: Int32Array.from(at((node) => tests[node]?.[0] ?? 0)),
    threshold: Float64Array.from(at((node) => tests[node]?.[1] ?? 0)),
    equality: Uint8Array.from(at((node) => tests[node]?.[2] ?? 0)),
    left: Int32Array.from(at((node) => (isInner(node) ? 2 * node + 1 : -1))),
    right: Int32Array.from(at((node) => (isInner(node) ? 2 * node + 2 : -1))),
    leafStart: Int32Array.from(starts),
    leafTarget: Int32Array.from(
      at((node) => (isInner(node) ? [] : Array.from({ length: targets }, (_, t) => t))).flat(),
    ),
    leafWeight: Float64Array.from(
      at((node) => (isInner(node) ? [] : Array.from({ length: targets }, (_, t) => 3 * node * (t + 1) - 7 * t))).flat(),
    ),
    base: new Float64Array(targets),
  };
  return gadget(name, rows, features, (inputs) => ({ ...shape, inputs }), spare);
};
