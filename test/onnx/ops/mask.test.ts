import { describe, expect, test } from 'vitest';
import type { TestModel, TestNode } from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';
import { provedDifference } from '../proved.ts';

const least = Number.NEGATIVE_INFINITY;
const allowed = [1, 0, 1, 1, 1, 0];
const samples = [
  { x: [0.5, 1, -1, 2, 0, 1], allowed },
  { x: [-2, 2, -2, 0.25, 1, 2], allowed: [0, 0, 1, 1, 1, 1] },
];

const node = (op: string, inputs: string[], output: string, attributes = {}): TestNode => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});

/** Softmax of scores of which some are masked; the mask is an input, or `allowed` as a constant. */
function model(mask: 'computed' | 'constant', nodes: TestNode[]): TestModel {
  const truths = { name: 'allowed', shape: [2, 3], type: 'bool' as const };
  return {
    inputs: [{ name: 'x', shape: [2, 3] }, ...(mask === 'computed' ? [truths] : [])],
    initializers: [
      { name: 'zero', shape: [], data: [0] },
      { name: 'least', shape: [], data: [least] },
      { name: 'added', shape: [2, 3], data: allowed.map((v) => (v === 1 ? 0 : least)) },
      ...(mask === 'constant' ? [{ ...truths, data: allowed }] : []),
    ],
    outputs: ['y'],
    nodes: [...nodes, node('Softmax', ['masked'], 'y')],
  };
}

const added = node('Add', ['x', 'added'], 'masked');
const chosen = node('Where', ['allowed', 'x', 'least'], 'masked');
const chosenThenAdded = [node('Where', ['allowed', 'zero', 'least'], 'm'), node('Add', ['m', 'x'], 'masked')];

const models: Record<string, TestModel> = {
  'a constant added': model('constant', [added]),
  'a constant choice': model('constant', [chosen]),
  'a computed choice': model('computed', [chosen]),
  'a computed choice added': model('computed', chosenThenAdded),
  'a constant choice added': model('constant', chosenThenAdded),
};

describe('masks of minus infinity before a softmax', () => {
  for (const [name, given] of Object.entries(models)) {
    test(name, async () => {
      const fed = samples.map(({ x, allowed: a }) => (given.inputs.length === 2 ? { x, allowed: a } : { x }));
      const { expected, imported, simplified } = await answers(given, fed);
      for (const [i, want] of expected.entries()) {
        expect(difference(want, imported[i])).toBeLessThan(1e-6);
        expect(difference(want, simplified[i])).toBeLessThan(1e-6);
      }
      expect(provedDifference(given, fed)).toBeUndefined();
    });
  }
});

test('padding with minus infinity before a maximum', async () => {
  const pads = { name: 'pads', shape: [8], data: [0, 0, 1, 1, 0, 0, 1, 1], type: 'int64' as const };
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const given: TestModel = {
    inputs: [{ name: 'x', shape: [1, 1, 2, 3] }],
    initializers: [pads, { name: 'least', shape: [], data: [least] }],
    outputs: ['y'],
    nodes: [node('Pad', ['x', 'pads', 'least'], 'padded'), node('MaxPool', ['padded'], 'y', pool)],
  };
  const fed = samples.map(({ x }) => ({ x }));
  const { expected, imported } = await answers(given, fed);
  for (const [i, want] of expected.entries()) expect(difference(want, imported[i])).toBe(0);
  expect(provedDifference(given, fed)).toBeUndefined();
});
