import { describe, expect, test } from 'vitest';
import { permutationsFor } from '../../src/field/commitment.ts';
import type { NewQNode } from '../../src/quant/builder.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { countByOrigin } from '../../src/r1cs/stats.ts';
import { GraphUnderTest } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { tree } from '../soundness/gadget.ts';
import { visibleGraph } from '../soundness/visible.ts';

/** What the design says a primitive costs, with b the width of what is decomposed; the circuits keep within a tenth. */
const tolerance = 0.1;

type Node = (ids: readonly number[]) => NewQNode;
type Input = readonly [lo: number, bits: number, size?: number];

const one = { shape: [1], scale: 1 } as const;
const unused = ['range-check', 'publish', 'binding', 'interface'];

function rowsOf(graph: QGraph, gadgets?: readonly string[]): number {
  const { system } = lower(graph, analyseRanges(graph));
  const counted = countByOrigin(system).filter(({ gadget }) =>
    gadgets === undefined ? !unused.includes(gadget) : gadgets.includes(gadget),
  );
  return counted.reduce((sum, { rows }) => sum + rows, 0);
}

function build(inputs: readonly Input[], node: Node): QGraph {
  const graph = new GraphUnderTest(new Random(1));
  const ids = inputs.map(([lo, bits, size = 1]) => graph.input(size, lo, bits));
  return graph.finish(graph.push(node(ids)));
}

/** Sums of eight wires each, so that nothing is saved because an operand is a wire already. */
function dense(bits: number, size: number, node: Node): QGraph {
  const graph = new GraphUnderTest(new Random(1));
  const depth = 8;
  const x = graph.input(depth * size, -(2 ** (bits - 4)), bits - 3);
  const sums = graph.push({
    kind: 'affine',
    inputs: [x],
    shape: [size],
    scale: 1,
    groups: size,
    outs: 1,
    positions: 1,
    depth,
    gather: Int32Array.from({ length: depth * size }, (_, i) => i),
    weight: new Float64Array(depth * size).fill(1),
    bias: new Float64Array(size),
  });
  return graph.finish(graph.push(node([sums])));
}

const signed = (bits: number): Input => [-(2 ** (bits - 1)), bits];
const rescale =
  (shift: number, relu: boolean): Node =>
  (inputs) => ({ kind: 'rescale', inputs, ...one, shift, relu, width: null });
const table = (length: number, degree: number) =>
  Array.from({ length: degree + 1 }, (_, d) => Float64Array.from({ length }, (_, i) => 900 + 13 * i - 7 * d));

const primitives: readonly (readonly [name: string, graph: (b: number) => QGraph, rows: (b: number) => number])[] = [
  [
    'a linear map',
    (b) => dense(b, 2, ([x]) => ({ kind: 'add', inputs: [x], shape: [2], scale: 1, coefficients: [3] })),
    () => 0,
  ],
  ['requantise', (b) => dense(b, 1, rescale(4, false)), (b) => b + 1],
  ['ReLU and requantise', (b) => dense(b, 1, rescale(4, true)), (b) => b + 2],
  ['ReLU', (b) => dense(b, 1, rescale(0, true)), (b) => b + 2],
  [
    'saturating clamp',
    (b) => dense(b, 1, (inputs) => ({ kind: 'clip', inputs, ...one, lo: -128, hi: 127 })),
    (b) => b + 2 + 3,
  ],
  [
    'maximum of two',
    (b) =>
      build([signed(b), signed(b)], (inputs) => ({
        kind: 'max',
        inputs,
        ...one,
        window: 2,
        gather: Int32Array.of(0, 1),
      })),
    (b) => b + 3,
  ],
  [
    'argmax of ten',
    (b) =>
      build([[-(2 ** (b - 1)), b, 10]], (inputs) => {
        return { kind: 'argmax', inputs, ...one, rows: 1, length: 10, tie: 'first' };
      }),
    (b) => 10 + 10 + 10 * (b + 1),
  ],
  ['product', (b) => build([signed(b), signed(b)], (inputs) => ({ kind: 'mul', inputs, ...one })), () => 1],
  [
    'division by 8 bits',
    (b) =>
      build(
        [
          [0, b],
          [1, 8],
        ],
        (inputs) => ({ kind: 'divide', inputs, ...one, mode: 'floor', factor: 1 }),
      ),
    (b) => b + 1 + 2 * 8 + 1,
  ],
  [
    'square root',
    (b) => build([[0, b]], (inputs) => ({ kind: 'sqrt', inputs, ...one, factor: 1 })),
    (b) => 3 * Math.ceil(b / 2) + 4,
  ],
  [
    'smooth function, 16 segments, degree 2',
    (b) =>
      build([signed(b)], (inputs) => {
        const coefficients = table(16, 2);
        const common = { kind: 'function', inputs, ...one, name: 'test', lo: -(2 ** (b - 1)), bits: b } as const;
        return { ...common, segmentBits: 4, shift: 8, coefficients };
      }),
    // Bits of the operand, selector, products, and the requantisation of c·r², with 11 bits of c and b − 4 of r.
    (b) => b + (16 - 4 - 1) + 2 + (2 * (b - 4) + 11 + 1),
  ],
  [
    'comparison',
    (b) => build([signed(b), signed(b)], (inputs) => ({ kind: 'compare', inputs, ...one, relation: 'lt' })),
    (b) => b + 2,
  ],
  [
    'tree of three nodes',
    (b) => {
      const features = [0, 1, 2].map((): Input => [0, b]);
      const tests = [0, 1, 2].map((feature) => [feature, 2 ** (b - 1) + 1, 0] as const);
      return tree('three nodes', 0, features, tests, 1).graph;
    },
    (b) => 3 * (b + 1) + 1,
  ],
];

describe.each(primitives)('%s', (_, graph, rows) => {
  test.each([12, 16, 24])('of %i bits costs what the table says', (b) => {
    const [got, expected] = [rowsOf(graph(b)), rows(b)];
    expect(Math.abs(got - expected), `${got} rows, the table says ${expected}`).toBeLessThanOrEqual(
      tolerance * expected,
    );
  });
});

test('an input of 8 bits costs 8', () => {
  const graph = build([[0, 8, 5]], ([x]) => ({ kind: 'add', inputs: [x], shape: [5], scale: 1, coefficients: [2] }));
  expect(rowsOf(graph, ['range-check'])).toBe(5 * 8);
});

test('Poseidon costs about 612 per permutation of 16 words', () => {
  const commitments = 2 * permutationsFor(1);
  expect(rowsOf(visibleGraph(), ['commitment'])).toBe(612 * commitments);
});
