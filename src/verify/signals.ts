import { isScalar, type Scalar } from '../field/bn254.ts';
import { unpackLanes } from '../tensor/lanes.ts';
import { sizeOf } from '../tensor/shape.ts';
import { type InputLayout, type Layout, type OutputLayout, signalCount, signalsOf } from './layout.ts';
import type { DisplayedInput, DisplayedOutput } from './proof-file.ts';

/** What the public signals of a proof say. */
export interface DecodedSignals {
  readonly outputs: readonly DisplayedOutput[];
  readonly binding: Scalar;
  readonly inputs: readonly DisplayedInput[];
}

/**
 * Reads public signals, or gives `undefined` where there are not as many as the layout says, one is no element of the
 * field, a lane leaves its interval, or padding is not zero.
 */
export function decodeSignals(layout: Layout, signals: readonly bigint[]): DecodedSignals | undefined {
  if (signals.length !== signalCount(layout) || !signals.every(isScalar)) return undefined;
  let at = 0;
  const take = (count: number): readonly Scalar[] => {
    at += count;
    return signals.slice(at - count, at);
  };
  const outputs = layout.outputs.map((output) => decodeOutput(output, take(signalsOf(output))));
  const [binding] = take(1);
  const inputs = layout.inputs.map((input) => decodeInput(input, take(signalsOf(input))));
  if (!outputs.every(isPresent) || !inputs.every(isPresent)) return undefined;
  return { outputs, binding, inputs };
}

function decodeOutput(output: OutputLayout, signals: readonly Scalar[]): DisplayedOutput | undefined {
  const { name, shape, visibility, scale } = output;
  if (visibility === 'hashed') return { name, visibility, commitment: signals[0] };
  const integers = unpackLanes(output, signals, sizeOf(shape));
  return integers && { name, visibility, shape, integers, values: integers.map((q) => Number(q) * scale) };
}

function decodeInput(input: InputLayout, signals: readonly Scalar[]): DisplayedInput | undefined {
  const { name, shape, visibility } = input;
  if (visibility === 'private') return { name, visibility };
  if (visibility === 'hashed') return { name, visibility, commitment: signals[0] };
  const integers = inputIntegers(input, signals);
  if (integers === undefined) return undefined;
  return { name, visibility, shape, integers, values: inputValues(input, integers) };
}

/** The integers of a public input, or `undefined` where one leaves its bounds or those of its column. */
export function inputIntegers(input: InputLayout, signals: readonly bigint[]): bigint[] | undefined {
  const integers = unpackLanes(input, signals, sizeOf(input.shape));
  return integers?.every((q, i) => isWithin(input, i, q)) ? integers : undefined;
}

/** The reals that the integers of an input stand for. */
export function inputValues({ scale, zero, columns }: InputLayout, integers: readonly bigint[]): number[] {
  return integers.map((q, i) => Number(q) * (columns?.[i % columns.length].scale ?? scale) + zero);
}

function isWithin({ lo, hi, columns }: InputLayout, i: number, q: bigint): boolean {
  const bounds = columns?.[i % columns.length] ?? { lo, hi };
  return q >= BigInt(bounds.lo) && q <= BigInt(bounds.hi);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
