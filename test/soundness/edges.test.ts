import { describe, expect, test } from 'vitest';
import { VouchError } from '../../src/errors.ts';
import type { NewQNode } from '../../src/quant/builder.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { expectHonest } from '../r1cs/lower/honest.ts';
import { GraphUnderTest } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { expectUnique, run } from './unique.ts';

type Build = (ids: readonly number[], size: number) => NewQNode;

const none = new Float64Array();
const table = [Float64Array.of(1, 2, 3, 4)];
const pairs = (count: number): Int32Array => Int32Array.from({ length: 2 * count }, (_, i) => i >> 1);

/** Nodes with a gadget, on as many elements as are asked for; a pairwise operation must have its operands' width. */
const kinds: Readonly<Record<string, Build>> = {
  mul: ([a, b], size) => ({ kind: 'mul', inputs: [a, b], shape: [size], scale: 1 }),
  matmul: ([a, b], size) => ({
    kind: 'matmul',
    inputs: [a, b],
    shape: [size, 1, 1],
    scale: 1,
    batch: size,
    m: 1,
    k: 1,
    n: 1,
  }),
  requantise: ([a], size) => ({
    kind: 'rescale',
    inputs: [a],
    shape: [size],
    scale: 1,
    shift: 3,
    relu: false,
    width: null,
  }),
  relu: ([a], size) => ({ kind: 'rescale', inputs: [a], shape: [size], scale: 1, shift: 0, relu: true, width: null }),
  clip: ([a], size) => ({ kind: 'clip', inputs: [a], shape: [size], scale: 1, lo: -3, hi: 4 }),
  even: ([a], size) => ({ kind: 'round', inputs: [a], shape: [size], scale: 1, mode: 'even', shift: 3 }),
  trunc: ([a], size) => ({ kind: 'round', inputs: [a], shape: [size], scale: 1, mode: 'trunc', shift: 3 }),
  lt: ([a, b], size) => ({ kind: 'compare', inputs: [a, b], shape: [size], scale: 1, relation: 'lt' }),
  eq: ([a, b], size) => ({ kind: 'compare', inputs: [a, b], shape: [size], scale: 1, relation: 'eq' }),
  max: ([a], size) => ({ kind: 'max', inputs: [a], shape: [size], scale: 1, window: 2, gather: pairs(size) }),
  argmax: ([a], size) => ({
    kind: 'argmax',
    inputs: [a],
    shape: [size],
    scale: 1,
    rows: size,
    length: 1,
    tie: 'first',
  }),
  topk: ([a], size) => {
    const common = { kind: 'topk', inputs: [a], shape: [size, 1], scale: 1, rows: size, length: 1, k: 1 } as const;
    return { ...common, largest: true, result: 'values' };
  },
  function: ([a], size) => {
    const common = { kind: 'function', inputs: [a], shape: [size], scale: 1, name: 'test', lo: 0, bits: 4 } as const;
    return { ...common, segmentBits: 2, shift: 0, coefficients: table };
  },
  wrap: ([a], size) => ({
    kind: 'bits',
    inputs: [a],
    shape: [size],
    scale: 1,
    op: 'wrap',
    width: 8,
    signed: true,
    amount: 0,
  }),
  and: ([a, b], size) => ({
    kind: 'bits',
    inputs: [a, b],
    shape: [size],
    scale: 1,
    op: 'and',
    width: 54,
    signed: true,
    amount: 0,
  }),
  affine: ([a], size) => ({
    kind: 'affine',
    inputs: [a],
    shape: [size],
    scale: 1,
    groups: size,
    outs: 1,
    positions: 1,
    depth: 1,
    gather: Int32Array.from({ length: size }, (_, i) => i),
    weight: new Float64Array(size).fill(2),
    bias: size === 0 ? none : new Float64Array(size).fill(-1),
  }),
};

function graphOf(build: Build, size: number, lo: number, bits: number): QGraph {
  const graph = new GraphUnderTest(new Random(1));
  const ids = [graph.input(size, lo, bits), graph.input(size, lo, bits)];
  return graph.finish(graph.push(build(ids, size)));
}

describe.each(Object.entries(kinds))('%s', (name, build) => {
  test('of no elements adds no row and has a witness', () => {
    expectHonest(graphOf(build, 0, 0, 4), new Random(2), name);
  });

  test('at ±2^51 and ±2^52 is exact and unique, or refused', () => {
    for (const [lo, bits] of [
      [-(2 ** 51), 52],
      [-(2 ** 52), 53],
      [2 ** 53 - 16, 4],
      [-(2 ** 53) + 1, 3],
    ] as const) {
      const refusal = refusalOf(() => expectHonest(graphOf(build, 1, lo, bits), new Random(3), `${name} from ${lo}`));
      if (refusal !== undefined) continue;
      const graph = graphOf(build, 1, lo, bits);
      for (const x of [lo, lo + 2 ** bits - 1]) {
        const values = Float64Array.of(x);
        const inputs = new Map([
          ['x0', values],
          ['x1', values],
        ]);
        if (refusalOf(() => run(graph, inputs)) !== undefined) continue;
        expectUnique(run(graph, inputs), `${name} of ${x}`);
      }
    }
  });
});

/** A refusal by name; an internal error is a defect. */
function refusalOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof VouchError)) throw error;
    expect(error.name).not.toBe('InternalError');
    return error.message;
  }
}
