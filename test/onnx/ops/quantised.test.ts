import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { inputGrids, observe } from '../../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../../src/quant/interpret.ts';
import { quantise } from '../../../src/quant/quantise.ts';
import {
  type AttributeValue,
  encodeModel,
  type TestModel,
  type TestTensor,
  type TestType,
} from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';

/** Reproducible numbers in [lo, hi]; whole ones when asked. */
function numbers(count: number, lo: number, hi: number, whole = false): number[] {
  let state = 12345 + count;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const value = lo + ((hi - lo) * state) / 2 ** 32;
    return whole ? Math.round(value) : Math.fround(value);
  });
}

interface Operand {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly type?: TestType;
}

interface Case {
  readonly op: string;
  readonly x: Operand;
  readonly constants: Record<string, Operand>;
  readonly attributes?: Record<string, AttributeValue>;
  readonly domain?: string;
  readonly opset?: number;
  /** Operand names in order; x is the input. */
  readonly order: readonly string[];
}

function modelOf({ op, x, constants, attributes = {}, domain = '', opset = 21, order }: Case): TestModel {
  const initializers = Object.entries(constants).map(([name, operand]): TestTensor => ({ name, ...operand }));
  return {
    inputs: [{ name: 'x', shape: x.shape, type: x.type ?? 'float32' }],
    outputs: ['y'],
    initializers,
    nodes: [{ op, domain, inputs: order, outputs: ['y'], attributes }],
    opset,
    domainOpset: 1,
  };
}

/** Both interpreters give what onnxruntime gives: whole numbers exactly. */
async function agrees(item: Case, tolerance = 0): Promise<void> {
  const model = modelOf(item);
  const sample = { x: [...item.x.data] };
  const { expected, imported } = await answers(model, [sample]);
  expect(difference(expected[0], imported[0])).toBeLessThanOrEqual(tolerance);
  const { graph } = importModel(decodeModel(encodeModel(model)));
  const samples = [new Map([['x', Float64Array.from(item.x.data)]])];
  const quantised = quantise(graph, {
    precision: { activationBits: 16, weightBits: 14, inputBits: 16, nodes: new Map() },
    policy: { name: 'worst-case' },
    observed: observe(graph, samples),
    grids: inputGrids(graph, samples, 16),
  });
  const values = interpret(quantised.graph, quantiseInputs(quantised.graph, samples[0]));
  const { node } = quantised.graph.outputs[0];
  const proved = new Map([['y', Array.from(toReal(quantised.graph.nodes[node], values[node]))]]);
  expect(difference(expected[0], proved)).toBeLessThanOrEqual(tolerance === 0 ? 0 : 1e-3);
}

const scalar = (value: number, type?: TestType): Operand => ({ shape: [], data: [value], ...(type && { type }) });
const vector = (data: readonly number[], type?: TestType): Operand => ({
  shape: [data.length],
  data,
  ...(type && { type }),
});
const whole = (shape: readonly number[], type: 'int8' | 'uint8' | 'int32'): Operand => {
  // Seven bits: on some processors onnxruntime saturates sums of two products of eight.
  const [lo, hi] = type === 'uint8' ? [0, 255] : [-63, 63];
  return {
    shape,
    data: numbers(
      shape.reduce((p, d) => p * d, 1),
      lo,
      hi,
      true,
    ),
    type,
  };
};
const real = (shape: readonly number[], reach = 4): Operand => {
  return {
    shape,
    data: numbers(
      shape.reduce((p, d) => p * d, 1),
      -reach,
      reach,
    ).map((v) => Math.round(v * 256) / 256),
  };
};

describe('QuantizeLinear', () => {
  const order = ['x', 's', 'z'];
  for (const type of ['uint8', 'int8', 'uint16', 'int16'] as const) {
    test(`one ${type} scale, saturating and rounding half to even`, async () => {
      const x = vector([-999, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 3.75, 100, 999]);
      await agrees({ op: 'QuantizeLinear', x, constants: { s: scalar(0.5), z: scalar(3, type) }, order });
    });
  }

  test('one scale per channel', () =>
    agrees({
      op: 'QuantizeLinear',
      x: real([2, 3, 4]),
      constants: { s: vector([0.25, 0.037, 0.02]), z: vector([128, 100, 7], 'uint8') },
      order,
    }));

  test('one scale per block', () =>
    agrees({
      op: 'QuantizeLinear',
      x: real([2, 5]),
      constants: {
        s: { shape: [2, 3], data: [0.5, 0.1, 0.2, 0.03, 0.25, 1] },
        z: { shape: [2, 3], data: [1, 2, 3, 4, 5, 6], type: 'int8' },
      },
      attributes: { axis: 1, block_size: 2 },
      order,
    }));
});

describe('DequantizeLinear', () => {
  test('one scale, one per channel, one per block', async () => {
    const op = 'DequantizeLinear';
    const order = ['x', 's', 'z'];
    await agrees({ op, x: whole([6], 'uint8'), constants: { s: scalar(0.037), z: scalar(120, 'uint8') }, order }, 1e-6);
    const channels = { s: vector([0.1, 0.2, 0.3]), z: vector([-1, 0, 1], 'int8') };
    await agrees({ op, x: whole([2, 3, 2], 'int8'), constants: channels, order }, 1e-6);
    const blocks = { s: { shape: [2, 2], data: [0.1, 0.2, 0.3, 0.4] } };
    const attributes = { axis: 1, block_size: 3 };
    await agrees({ op, x: whole([2, 5], 'int8'), constants: blocks, attributes, order: ['x', 's'] }, 1e-6);
    await agrees({ op, x: whole([4], 'int32'), constants: { s: scalar(0.01) }, order: ['x', 's'] }, 1e-6);
  });
});

describe('integer products', () => {
  test('MatMulInteger with zero points for all, and per column', async () => {
    const op = 'MatMulInteger';
    const order = ['x', 'w', 'xz', 'wz'];
    const x = whole([3, 4], 'uint8');
    const one = { w: whole([4, 2], 'int8'), xz: scalar(128, 'uint8'), wz: scalar(3, 'int8') };
    await agrees({ op, x, constants: one, order, opset: 17 });
    await agrees({ op, x, constants: { ...one, wz: vector([3, -4], 'int8') }, order, opset: 17 });
  });

  test('ConvInteger pads with the zero point', () =>
    agrees({
      op: 'ConvInteger',
      x: whole([1, 2, 4, 4], 'uint8'),
      constants: { w: whole([3, 2, 3, 3], 'uint8'), xz: scalar(100, 'uint8'), wz: scalar(128, 'uint8') },
      attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
      order: ['x', 'w', 'xz', 'wz'],
      opset: 17,
    }));

  const scales = { xs: scalar(0.02), xz: scalar(120, 'uint8'), ys: scalar(0.41), yz: scalar(110, 'uint8') };

  test('QLinearConv with a scale per channel and a bias', () =>
    agrees({
      op: 'QLinearConv',
      x: whole([1, 2, 4, 4], 'uint8'),
      constants: {
        ...scales,
        w: whole([3, 2, 3, 3], 'int8'),
        ws: vector([0.011, 0.02, 0.005]),
        wz: vector([0, 0, 0], 'int8'),
        bias: vector([1000, -2000, 500], 'int32'),
      },
      attributes: { pads: [1, 1, 1, 1] },
      order: ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'bias'],
      opset: 17,
    }));

  test('QLinearMatMul with one scale, and one per column', async () => {
    const op = 'QLinearMatMul';
    const order = ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'];
    const x = whole([3, 5], 'uint8');
    const weight = { w: whole([5, 2], 'int8'), ws: scalar(0.013), wz: scalar(0, 'int8') };
    await agrees({ op, x, constants: { ...scales, ...weight }, order, opset: 17 });
    const columns = { ...weight, ws: vector([0.013, 0.007]), wz: vector([0, 2], 'int8') };
    await agrees({ op, x, constants: { ...scales, ...columns }, order, opset: 17 });
  });

  for (const op of ['QLinearAdd', 'QLinearMul']) {
    test(op, () => {
      const constants = { ...scales, w: whole([4], 'uint8'), ws: scalar(0.015), wz: scalar(90, 'uint8') };
      const order = ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'];
      return agrees({ op, domain: 'com.microsoft', x: whole([3, 4], 'uint8'), constants, order, opset: 17 });
    });
  }
});

describe('refusals', () => {
  const problemOf = (item: Case): string => {
    try {
      importModel(decodeModel(encodeModel(modelOf(item))));
      return 'accepted';
    } catch (error) {
      return String(error);
    }
  };

  test('a scale that follows the data, that is not positive, or that fits no axis', () => {
    const x = real([2, 3]);
    expect(problemOf({ op: 'DynamicQuantizeLinear', x, constants: {}, order: ['x'] })).toContain(
      'its scale depends on the data',
    );
    const order = ['x', 's'];
    expect(problemOf({ op: 'QuantizeLinear', x, constants: { s: scalar(0) }, order })).toContain(
      'not a positive number',
    );
    const four = { s: vector([1, 2, 3, 4]) };
    expect(problemOf({ op: 'QuantizeLinear', x, constants: four, order })).toContain('parameters [4] do not fit');
    expect(problemOf({ op: 'QuantizeLinear', x, constants: {}, order: ['x', 'x'] })).toContain(
      'the scale (operand 1) is computed',
    );
  });
});
