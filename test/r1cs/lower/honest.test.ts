import { describe, expect, test } from 'vitest';
import type { QKind } from '../../../src/quant/qgraph.ts';
import { expectHonest } from './honest.ts';
import { graphOf, makeNode } from './node-under-test.ts';
import { Random } from './random.ts';

const kinds = Object.keys(makeNode) as QKind[];

test('every primitive with a gadget is generated', () => {
  expect(kinds.sort()).toEqual(
    [
      'argmax',
      'bits',
      'clip',
      'compare',
      'divide',
      'function',
      'matmul',
      'max',
      'mul',
      'rescale',
      'round',
      'select',
    ].concat(['sqrt', 'topk', 'tree']),
  );
});

describe.each(kinds)('%s', (kind) => {
  test.each([
    ['small', 4],
    ['medium', 9],
    ['wide', 20],
  ] as const)('%s values: predicted rows, a satisfied witness, the interpreter’s outputs', (_, bits) => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(1000 * bits + seed);
      expectHonest(graphOf(kind, random, { bits, elements: 4 }), random, `${kind}, seed ${seed}`);
    }
  });
});
