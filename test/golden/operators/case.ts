import { simplify } from '../../../src/graph/passes/simplify.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { inputGrids, observe } from '../../../src/quant/calibrate.ts';
import { quantise } from '../../../src/quant/quantise.ts';
import { type Circuit, lower } from '../../../src/r1cs/lower.ts';
import { type AttributeValue, encodeModel, type TestTensor, type TestType } from '../../fuzz/onnx-model.ts';

/** One operator and what it is called with. */
export interface OperatorCase {
  readonly op: string;
  readonly operands: readonly (Operand | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly domain?: string;
  readonly opset?: number;
  /** Results that are published; '' is left out. */
  readonly outputs?: readonly string[];
}

export interface Operand {
  readonly shape: readonly number[];
  readonly type: TestType;
  readonly lo: number;
  readonly hi: number;
  /** A constant. */
  readonly data?: readonly number[];
}

/** A computed float operand within bounds. */
export const real = (shape: readonly number[], lo = -2, hi = 2): Operand => ({ shape, type: 'float32', lo, hi });

/** A computed operand of integers or booleans within bounds. */
export const whole = (type: TestType, shape: readonly number[], lo: number, hi: number): Operand => {
  return { shape, type, lo, hi };
};

/** A constant operand. */
export const given = (type: TestType, shape: readonly number[], data: readonly number[]): Operand => {
  return { shape, type, lo: 0, hi: 0, data };
};

export const integers = (...data: number[]): Operand => given('int64', [data.length], data);
export const float = (value: number): AttributeValue => ({ float: value });
export const floats = (...values: number[]): AttributeValue => ({ floats: values });

/** Constant floats of both signs. */
export const weights = (...shape: number[]): Operand => given('float32', shape, spread(shape, -1, 1, 3));

/** Numbers that fill an interval evenly, its ends first. */
function spread(shape: readonly number[], lo: number, hi: number, seed: number): number[] {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const golden = (Math.sqrt(5) - 1) / 2;
  return Array.from({ length: size }, (_, i) => {
    if (i < 2 && size > 1) return i === 0 ? lo : hi;
    return lo + (hi - lo) * (((i + seed) * golden) % 1);
  });
}

const precision = { activationBits: 8, weightBits: 8, inputBits: 8, nodes: new Map() };

/** The circuit of a model of this one operator, at 8 bits throughout and worst-case bounds. */
export function compileOperator({
  op,
  operands,
  attributes = {},
  domain = '',
  opset = 21,
  outputs = ['y'],
}: OperatorCase): Circuit {
  const named = operands.map((operand, i) => ({ operand, name: operand === undefined ? '' : `x${i}` }));
  const computed = named.flatMap(({ operand, name }) =>
    operand === undefined || operand.data !== undefined ? [] : [{ name, ...operand }],
  );
  const initializers = named.flatMap(({ operand, name }): TestTensor[] =>
    operand?.data === undefined ? [] : [{ name, shape: operand.shape, type: operand.type, data: operand.data }],
  );
  const model = encodeModel({
    opset,
    domainOpset: domain === 'ai.onnx.ml' && op === 'TreeEnsemble' ? 5 : domain === 'ai.onnx.ml' ? 3 : 1,
    inputs: computed,
    initializers,
    outputs: outputs.filter((output) => output !== ''),
    nodes: [{ op, domain, inputs: named.map(({ name }) => name), outputs, attributes }],
  });
  const graph = simplify(importModel(decodeModel(model)).graph);
  const samples = [0, 7].map(
    (seed) => new Map(computed.map(({ name, ...operand }) => [name, sampleOf(operand, seed)])),
  );
  const bounds = new Map(computed.map(({ name, lo, hi }) => [name, { lo, hi }]));
  const quantised = quantise(graph, {
    precision,
    policy: { name: 'worst-case' },
    observed: observe(graph, samples),
    grids: inputGrids(graph, samples, precision.inputBits, bounds),
  });
  return lower(quantised.graph, quantised.ranges);
}

function sampleOf({ shape, type, lo, hi }: Operand, seed: number): Float64Array {
  const values = Float64Array.from(spread(shape, lo, hi, seed));
  return type.startsWith('float') ? values : values.map(Math.round);
}
