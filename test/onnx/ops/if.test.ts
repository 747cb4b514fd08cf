import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { encodeModel, type TestGraph, type TestModel, type TestNode } from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';

const branch = (...nodes: TestNode[]): TestGraph => ({ nodes, outputs: nodes[nodes.length - 1].outputs });
const node = (op: string, inputs: string[], output: string, attributes = {}): TestNode => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});

const twice = branch(node('Add', ['x', 'x'], 't'));
const square = branch(node('Mul', ['x', 'x'], 'm'), node('Neg', ['m'], 'e'));

function model(then_branch: TestGraph, else_branch: TestGraph, condition: 'constant' | 'computed'): TestModel {
  const truth = { name: 'c', shape: [1], data: [0], type: 'bool' as const };
  return {
    opset: 16,
    inputs: [{ name: 'x', shape: [3] }, ...(condition === 'computed' ? [truth] : [])],
    initializers: condition === 'constant' ? [truth] : [],
    outputs: ['y'],
    nodes: [
      {
        op: 'If',
        inputs: ['c'],
        outputs: ['y'],
        attributes: { then_branch: { graph: then_branch }, else_branch: { graph: else_branch } },
      },
    ],
  };
}

const problemOf = (broken: TestModel): string => {
  try {
    importModel(decodeModel(encodeModel(broken)));
    return 'accepted';
  } catch (error) {
    return String(error);
  }
};

describe('If', () => {
  const x = [1, -2, 0.5];

  test('takes one branch of a constant condition', async () => {
    const { expected, imported } = await answers(model(twice, square, 'constant'), [{ x }]);
    expect(difference(expected[0], imported[0])).toBe(0);
  });

  test('selects between both branches of a computed one', async () => {
    const samples = [0, 1].map((c) => ({ x, c: [c] }));
    const { expected, imported, simplified } = await answers(model(twice, square, 'computed'), samples);
    for (const [i, want] of expected.entries()) {
      expect(difference(want, imported[i])).toBe(0);
      expect(difference(want, simplified[i])).toBe(0);
    }
  });

  test('refuses branches of different shapes, unless the condition is constant', () => {
    const shorter = branch(node('ReduceSum', ['x'], 's', { keepdims: 0 }));
    expect(problemOf(model(twice, shorter, 'computed'))).toContain('differ in the shape or type of output 0');
    expect(problemOf(model(shorter, twice, 'constant'))).toBe('accepted');
  });

  test('reports what is wrong within a branch, and nothing twice', () => {
    const unknown = branch(node('Frobnicate', ['x'], 'f'));
    const message = problemOf(model(unknown, twice, 'computed'));
    expect(message).toContain('Frobnicate "n0" (opset 16): is not supported');
    expect(message).toContain('2 problems');
  });

  test('of a value that failed is skipped', () => {
    const base = model(branch(node('Neg', ['z'], 't')), square, 'computed');
    const failing = { ...base, nodes: [node('Frobnicate', ['x'], 'z'), ...base.nodes] };
    expect(problemOf(failing)).toContain('1 problem\n');
  });
});
