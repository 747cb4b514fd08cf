import { VouchError } from '../errors.ts';
import { applyAffine } from '../graph/kernels/affine.ts';
import { bitwise, wrapInteger } from '../graph/kernels/bits.ts';
import { add, compare, matmul, multiply, select } from '../graph/kernels/elementwise.ts';
import { applyMap, applyMax, concatenate } from '../graph/kernels/movement.ts';
import { argmax, topIndices } from '../graph/kernels/order.ts';
import { nearestStep } from '../tensor/grid.ts';
import { sizeOf } from '../tensor/shape.ts';
import { elementGrid } from './columns.ts';
import { applyIntegerTrees, applySegments, divideIntegers, integerSqrt, roundShift } from './kernels.ts';
import type { QBits, QFunction, QGraph, QInput, QNode, QRescale } from './qgraph.ts';
import { halfOf } from './width.ts';

/**
 * The specification: evaluates a quantised graph on integers. Circuit, kernels and contracts agree with it bit for bit.
 * Returns every node's value, so that a witness can be read off it.
 */
export function interpret(graph: QGraph, inputs: ReadonlyMap<string, Float64Array>): Float64Array[] {
  const values: Float64Array[] = [];
  for (const node of graph.nodes) {
    values.push(
      node.kind === 'input'
        ? checkedInput(node, inputs)
        : interpretNode(
            node,
            node.inputs.map((i) => values[i]),
          ),
    );
  }
  return values;
}

export function interpretNode(node: QNode, inputs: readonly Float64Array[]): Float64Array {
  const x = inputs[0];
  switch (node.kind) {
    case 'input':
      return x;
    case 'const':
      return node.data;
    case 'affine':
      return applyAffine(node, x);
    case 'map':
      return applyMap(node.source, node.fill, inputs);
    case 'add':
      return add(inputs, node.coefficients);
    case 'mul':
      return multiply(x, inputs[1]);
    case 'matmul':
      return matmul(x, inputs[1], node);
    case 'rescale':
      return rescaleAll(node, x);
    case 'clip':
      return x.map((v) => Math.min(Math.max(v, node.lo), node.hi));
    case 'round':
      return x.map((v) => roundShift(node.mode, v, node.shift));
    case 'compare':
      return compare(node.relation, x, inputs[1]);
    case 'select':
      return select(x, inputs[1], inputs[2]);
    case 'max':
      return applyMax(node.gather, node.window, inputs);
    case 'argmax':
      return argmax(x, node.rows, node.length, node.tie);
    case 'topk': {
      const indices = topIndices(x, node.rows, node.length, node.k, node.largest);
      if (node.result === 'indices') return indices;
      return indices.map((j, i) => x[Math.floor(i / node.k) * node.length + j]);
    }
    case 'function':
      return applyFunction(node, x);
    case 'divide':
      return x.map((v, i) => divideIntegers(node.mode, node.factor, v, inputs[1][i]));
    case 'sqrt':
      return x.map((v) => integerSqrt(node.factor * v));
    case 'bits':
      return bits(node, x, inputs[1]);
    case 'tree':
      return applyIntegerTrees(node, concatenate(inputs));
  }
}

function bits(node: QBits, a: Float64Array, b: Float64Array | undefined): Float64Array {
  if (node.op === 'wrap') return a.map((v) => wrapInteger(v, node.width, node.signed));
  if (node.op === 'shr') return a.map((v) => Math.floor(v / 2 ** node.amount));
  return bitwise(node.op, a, b ?? a);
}

/** Outside its domain a table has no entry, and the circuit no witness. */
function applyFunction(node: QFunction, x: Float64Array): Float64Array {
  const end = node.lo + 2 ** node.bits;
  return x.map((v, i) => {
    if (!(v >= node.lo && v < end)) throw new RangeOverflowError(node, i, v, [node.lo, end - 1]);
    return applySegments(node, v);
  });
}

function rescaleAll(node: QRescale, x: Float64Array): Float64Array {
  const { shift, relu, width } = node;
  const y = new Float64Array(x.length);
  const limit = width === null ? Number.POSITIVE_INFINITY : 2 ** (width - 1);
  const half = halfOf(shift);
  const unit = 2 ** -shift;
  for (let i = 0; i < y.length; i++) {
    const t = x[i] + half;
    if (t >= limit || t < -limit) throw new RangeOverflowError(node, i, x[i], [-limit - half, limit - 1 - half]);
    const value = Math.floor(t * unit);
    y[i] = relu && value < 0 ? 0 : value;
  }
  return y;
}

function checkedInput(node: QInput, inputs: ReadonlyMap<string, Float64Array>): Float64Array {
  const value = inputNamed(node, inputs);
  for (let i = 0; i < value.length; i++) {
    const { scale, lo, bits } = elementGrid(node, i);
    if (!(value[i] >= lo && value[i] < lo + 2 ** bits && Number.isInteger(value[i]))) {
      throw new InputRangeError(node, i, value[i] * scale + node.zero);
    }
  }
  return value;
}

/** Turns real inputs into the integers that are proved, or says which one lies outside the declared bounds. */
export function quantiseInput(node: QInput, real: Float64Array): Float64Array {
  const q = new Float64Array(real.length);
  for (let i = 0; i < q.length; i++) {
    const { scale, lo, bits } = elementGrid(node, i);
    q[i] = nearestStep(real[i], scale, node.zero);
    if (!(q[i] >= lo && q[i] < lo + 2 ** bits)) throw new InputRangeError(node, i, real[i]);
  }
  return q;
}

/** The inputs of a quantised graph by name. */
export function quantiseInputs(graph: QGraph, real: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const inputs = new Map<string, Float64Array>();
  for (const node of graph.nodes) {
    if (node.kind !== 'input') continue;
    inputs.set(node.name, quantiseInput(node, inputNamed(node, real)));
  }
  return inputs;
}

function inputNamed({ name, shape }: QInput, values: ReadonlyMap<string, Float64Array>): Float64Array {
  const value = values.get(name);
  if (value === undefined) throw new VouchError(`input "${name}" is missing`);
  if (value.length === sizeOf(shape)) return value;
  throw new VouchError(`input "${name}" has ${value.length} elements`, {
    metaMessages: [`expected ${sizeOf(shape)} for shape [${shape}]`],
  });
}

/** The reals that the integers of a tensor stand for. */
export function toReal(node: QNode, q: Float64Array): Float64Array {
  if (node.kind === 'input') return q.map((v, i) => v * elementGrid(node, i).scale + node.zero);
  return q.map((v) => v * node.scale);
}

export class InputRangeError extends VouchError {
  override readonly name = 'InputRangeError';
  constructor(node: QInput, index: number, value: number) {
    const { scale, lo, bits } = elementGrid(node, index);
    const hi = lo + 2 ** bits - 1;
    super(`input "${node.name}"[${index}] = ${value} is outside the range the circuit proves`, {
      metaMessages: [
        `expected a number in [${lo * scale + node.zero}, ${hi * scale + node.zero}]`,
        'Compile with wider bounds or calibration data that covers this value.',
      ],
    });
  }
}

export class RangeOverflowError extends VouchError {
  override readonly name = 'RangeOverflowError';
  constructor(node: QNode, index: number, value: number, [lo, hi]: readonly [number, number]) {
    super(`a value of ${node.origin.op} "${node.origin.node}" leaves its calibrated range`, {
      metaMessages: [
        `element ${index} of its operand is the integer ${value}, proved are ${lo} to ${hi}`,
        'This input cannot be proved with the calibrated ranges; compile with --range worst-case or wider data.',
      ],
    });
  }
}
