import { describe, expect, test } from 'vitest';
import { createQBuilder } from '../../src/quant/builder.ts';
import type { QGraph, QKind } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { lowerings } from '../../src/r1cs/lower/table.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { graphOf, makeNode } from '../r1cs/lower/node-under-test.ts';
import { someInputs, valuesFor } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { subjectOf } from './forge.ts';
import { allOf, looseWires, unknownWires } from './jacobian.ts';
import { visibleGraph } from './visible.ts';

const kindsSeen = new Set<QKind>();

function loose(graph: QGraph, random: Random, where: 'corners' | 'anywhere'): number[] {
  const ranges = analyseRanges(graph);
  const circuit = lower(graph, ranges);
  const values = valuesFor(graph, someInputs(graph, ranges, random, where));
  if (values === undefined) return [];
  for (const { kind } of graph.nodes) kindsSeen.add(kind);
  const { witness } = subjectOf(graph, circuit, values);
  return looseWires(circuit.system, allOf(witness), unknownWires(circuit));
}

test('a wire that no row determines is found', () => {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 3 });
  // w₁·w₁ = w₁ and w₂·w₃ = w₁
  for (const side of [builder.a, builder.b, builder.c]) side.add(1, 1);
  builder.closeRow(0);
  builder.a.add(2, 1);
  builder.b.add(3, 1);
  builder.c.add(1, 1);
  builder.closeRow(0);
  expect(looseWires(builder.finish(), [1n, 1n, 2n, 5n], [1, 2, 3])).toEqual([2]);
});

describe.each(Object.keys(makeNode) as QKind[])('%s', (kind) => {
  test('wires are locally determined', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = new Random(4000 + seed);
      const graph = graphOf(kind, random, { bits: 6, elements: 3 });
      for (const where of ['corners', 'anywhere'] as const) {
        expect(loose(graph, random, where), `${kind}, seed ${seed}, ${where}`).toEqual([]);
      }
    }
  });
});

/** 8 pixels, four pairs pooled, a dense layer, and a choice with its margin. */
function classifier(random: Random): QGraph {
  const q = createQBuilder();
  const scale = 1;
  const x = q.push({ kind: 'input', inputs: [], shape: [8], scale, name: 'x', zero: 0, lo: 0, bits: 5 });
  const dense = (input: number, depth: number, outs: number, reach: number): number =>
    q.push({
      kind: 'affine',
      inputs: [input],
      shape: [outs],
      scale,
      groups: 1,
      outs,
      positions: 1,
      depth,
      gather: Int32Array.from({ length: depth }, (_, i) => i),
      weight: random.ints(outs * depth, -reach, reach),
      bias: random.ints(outs, -20, 20),
    });
  const wide = dense(x, 8, 8, 3);
  const gather = Int32Array.from({ length: 8 }, (_, i) => i);
  const pooled = q.push({ kind: 'max', inputs: [wide], shape: [4], scale, window: 2, gather });
  const hidden = q.push({ kind: 'rescale', inputs: [pooled], shape: [4], scale, shift: 2, relu: true, width: null });
  const logits = dense(hidden, 4, 3, 4);
  const label = q.push({ kind: 'argmax', inputs: [logits], shape: [1], scale, rows: 1, length: 3, tie: 'first' });
  const rounded = q.push({ kind: 'round', inputs: [logits], shape: [3], scale, mode: 'even', shift: 3 });
  const bounded = q.push({ kind: 'clip', inputs: [rounded], shape: [3], scale, lo: -8, hi: 7 });
  return q.finish([
    { name: 'label', node: label },
    { name: 'scores', node: bounded },
  ]);
}

test('a small classifier is locally determined everywhere', () => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const graph = classifier(random);
    for (const where of ['corners', 'anywhere'] as const) expect(loose(graph, random, where)).toEqual([]);
  }
});

test('signals and commitments are locally determined by what they stand for', () => {
  expect(loose(visibleGraph(), new Random(3), 'anywhere')).toEqual([]);
});

test('no kind of node was left out', () => {
  expect([...kindsSeen].sort()).toEqual(Object.keys(lowerings).sort());
});
