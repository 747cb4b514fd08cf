import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/graph/evaluate.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { inlineFunctions } from '../../src/onnx/functions.ts';
import { importModel } from '../../src/onnx/import.ts';
import { encodeModel, type TestFunction, type TestModel, type TestNode } from '../fuzz/onnx-model.ts';
import { answers, difference } from './onnxruntime.ts';

const node = (op: string, inputs: string[], outputs: string[], attributes = {}): TestNode => ({
  op,
  inputs,
  outputs,
  attributes,
});
const call = (op: string, inputs: string[], outputs: string[], attributes = {}): TestNode => ({
  ...node(op, inputs, outputs, attributes),
  domain: 'local',
});

/** max(x, slope·x) + shift, and −x. */
const bend: TestFunction = {
  name: 'Bend',
  inputs: ['x', 'shift'],
  outputs: ['bent', 'turned'],
  attributes: ['slope'],
  nodes: [
    node('LeakyRelu', ['x'], ['inner'], { alpha: { reference: 'slope' } }),
    node('Add', ['inner', 'shift'], ['bent']),
    node('Neg', ['x'], ['turned']),
  ],
};

/** The same with a default slope, twice. */
const bendTwice: TestFunction = {
  name: 'BendTwice',
  inputs: ['x'],
  outputs: ['inner'],
  defaults: { slope: { float: 0.5 } },
  nodes: [
    call('Bend', ['x', 'x'], ['first', ''], { slope: { reference: 'slope' } }),
    call('Bend', ['first', 'x'], ['inner', ''], { slope: { float: 0.25 } }),
  ],
};

const model = (nodes: TestNode[], functions: TestFunction[], outputs = ['y']): TestModel => ({
  opset: 17,
  inputs: [{ name: 'x', shape: [4] }],
  outputs,
  nodes,
  functions,
});

const x = [-2, -0.5, 0, 3];

async function agree(given: TestModel): Promise<void> {
  const { expected, imported, simplified } = await answers(given, [{ x }]);
  expect(difference(expected[0], imported[0])).toBeLessThan(1e-6);
  expect(difference(expected[0], simplified[0])).toBeLessThan(1e-6);
}

const problemOf = (given: TestModel): string => {
  try {
    importModel(decodeModel(encodeModel(given)));
    return 'accepted';
  } catch (error) {
    return String(error);
  }
};

describe('functions of a model', () => {
  test('are called with attributes, more than once', async () => {
    const calls = [
      call('Bend', ['x', 'x'], ['a', 'b'], { slope: { float: 0.5 } }),
      call('Bend', ['a', 'b'], ['y', 'z'], { slope: { float: 0.125 } }),
    ];
    await agree(model(calls, [bend], ['y', 'z', 'b']));
  });

  test('may return an input, and one value twice', () => {
    const both: TestFunction = {
      name: 'Both',
      inputs: ['x', 'same'],
      outputs: ['same', 'double', 'double'],
      nodes: [node('Add', ['x', 'same'], ['double'])],
    };
    const given = model([call('Both', ['x', 'x'], ['a', 'b', 'c'])], [both], ['a', 'b', 'c']);
    const { graph } = importModel(decodeModel(encodeModel(given)));
    const outputs = evaluate(graph, new Map([['x', Float64Array.from(x)]]));
    const double = x.map((v) => 2 * v);
    expect([...outputs].map(([name, data]) => [name, [...data]])).toEqual([
      ['a', x],
      ['b', double],
      ['c', double],
    ]);
  });

  test('call each other, with default attributes', async () => {
    await agree(model([call('BendTwice', ['x'], ['y'])], [bendTwice, bend]));
    await agree(model([call('BendTwice', ['x'], ['y'], { slope: { float: 2 } })], [bendTwice, bend]));
  });

  test('leave an attribute out that neither the call nor a default gives', async () => {
    await agree(model([call('Bend', ['x', 'x'], ['y', ''])], [bend]));
  });

  test('are read within the branches of a condition', async () => {
    const positive: TestFunction = {
      name: 'Sided',
      inputs: ['x', 'c'],
      outputs: ['y'],
      attributes: ['slope'],
      nodes: [
        node('Neg', ['x'], ['t']),
        node('If', ['c'], ['y'], {
          then_branch: {
            graph: { nodes: [node('LeakyRelu', ['t'], ['u'], { alpha: { reference: 'slope' } })], outputs: ['u'] },
          },
          else_branch: { graph: { nodes: [call('Bend', ['t', 'x'], ['v', ''])], outputs: ['v'] } },
        }),
      ],
    };
    const truth = (data: number) =>
      node('Constant', [], ['c'], { value: { tensor: { name: '', shape: [], data: [data], type: 'bool' } } });
    for (const value of [0, 1]) {
      const sided = call('Sided', ['x', 'c'], ['y'], { slope: { float: 0.25 } });
      await agree(model([truth(value), sided], [positive, bend]));
    }
  });

  test('keep the name of their call in problems', () => {
    const broken: TestFunction = { ...bend, name: 'Broken', nodes: [node('Frobnicate', ['x', 'shift'], ['bent'])] };
    expect(problemOf(model([call('Broken', ['x', 'x'], ['y', ''])], [broken]))).toContain('Frobnicate "n0/n0"');
  });

  test('are refused when they call themselves', () => {
    const one: TestFunction = { name: 'One', inputs: ['x'], outputs: ['y'], nodes: [call('Two', ['x'], ['y'])] };
    const two: TestFunction = { name: 'Two', inputs: ['x'], outputs: ['y'], nodes: [call('One', ['x'], ['y'])] };
    expect(problemOf(model([call('One', ['x'], ['y'])], [one, two]))).toContain('function "One" calls itself');
  });

  test('are refused when they grow without measure', () => {
    const levels = Array.from({ length: 40 }, (_, i): TestFunction => {
      const next = (from: string, to: string): TestNode =>
        i === 39 ? node('Neg', [from], [to]) : call(`F${i + 1}`, [from], [to]);
      return { name: `F${i}`, inputs: ['x'], outputs: ['y'], nodes: [next('x', 'a'), next('a', 'y')] };
    });
    expect(problemOf(model([call('F0', ['x'], ['y'])], levels))).toContain(
      'functions expand to more than 200000 nodes',
    );
    const chain = Array.from({ length: 100 }, (_, i): TestFunction => {
      const nodes = [i === 99 ? node('Neg', ['x'], ['y']) : call(`F${i + 1}`, ['x'], ['y'])];
      return { name: `F${i}`, inputs: ['x'], outputs: ['y'], nodes };
    });
    expect(problemOf(model([call('F0', ['x'], ['y'])], chain))).toContain('more than 64 deep');
  });

  test('are refused when written for another operator set, or called with too much', () => {
    const decoded = decodeModel(encodeModel(model([call('Bend', ['x', 'x'], ['y', ''])], [bend])));
    const older = new Map([...decoded.functions].map(([key, f]) => [key, { ...f, opsets: new Map([['', 7]]) }]));
    expect(() => inlineFunctions({ ...decoded, functions: older })).toThrow(
      'function "Bend" uses version 7 of the standard domain, the model version 17',
    );
    expect(problemOf(model([call('Bend', ['x', 'x', 'x'], ['y'])], [bend]))).toContain('fewer inputs or outputs');
  });
});
