import { expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import {
  type AttributeValue,
  encodeModel,
  type TestModel,
  type TestTensor,
  type TestType,
} from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';
import { provedDifference } from '../proved.ts';

/** An operand of a node under test. */
export interface Operand {
  readonly shape: readonly number[];
  readonly type?: TestType;
  /** A computed operand. */
  readonly data?: number[];
  /** A constant one. */
  readonly constant?: number[];
}

/** One node and what it is called with. */
export interface Call {
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly operands: readonly (Operand | undefined)[];
  readonly outputs?: number;
}

function modelOf(op: string, { opset = 17, attributes = {}, operands, outputs = 1 }: Call): TestModel {
  const named = operands.map((operand, i) => ({ ...operand, name: operand === undefined ? '' : `x${i}` }));
  const results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return {
    opset,
    inputs: named.flatMap(({ name, shape = [], type = 'float32', data }) =>
      data === undefined ? [] : [{ name, shape, type }],
    ),
    initializers: named.flatMap(({ name, shape = [], type = 'float32', constant }): TestTensor[] =>
      constant === undefined ? [] : [{ name, shape, type, data: constant }],
    ),
    outputs: results,
    nodes: [{ op, inputs: named.map(({ name }) => name), outputs: results, attributes }],
  };
}

const samplesOf = ({ operands }: Call): Record<string, number[]>[] => [
  Object.fromEntries(operands.flatMap((operand, i) => (operand?.data === undefined ? [] : [[`x${i}`, operand.data]]))),
];

/** A test that the float graph agrees with onnxruntime, and the integers with the float graph. */
export function agrees(title: string, op: string, call: Call): void {
  test(`${op}, ${title}`, async () => {
    const model = modelOf(op, call);
    const { expected, imported, simplified } = await answers(model, samplesOf(call));
    for (const [i, want] of expected.entries()) {
      expect(difference(want, imported[i]), JSON.stringify([[...want], [...imported[i]]])).toBeLessThan(1e-5);
      expect(difference(want, simplified[i])).toBeLessThan(1e-5);
    }
    expect(provedDifference(model, samplesOf(call))).toBeUndefined();
  });
}

/** A test that the import refuses a node with a message. */
export function refuses(title: string, op: string, call: Call, message: RegExp): void {
  test(`${op} refuses ${title}`, () => {
    expect(() => importModel(decodeModel(encodeModel(modelOf(op, call))))).toThrow(message);
  });
}

export const float = (value: number): AttributeValue => ({ float: value });
export const axes = (...constant: number[]): Operand => ({ shape: [constant.length], type: 'int64', constant });
export const number = (constant: number): Operand => ({ shape: [], constant: [constant] });
