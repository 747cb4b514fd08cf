import { InternalError, VouchError } from '../errors.ts';
import { isInteger } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Graph, GraphNode } from './graph.ts';
import { integerWidth } from './integer-width.ts';
import { applyAffine } from './kernels/affine.ts';
import { bitwise, wrapInteger } from './kernels/bits.ts';
import { add, compare, floorDivide, matmul, multiply, round, select, truncDivide } from './kernels/elementwise.ts';
import { applyMap, applyMax, concatenate } from './kernels/movement.ts';
import { argmax, topIndices } from './kernels/order.ts';
import { applyTrees } from './kernels/tree.ts';
import { smoothOf } from './smooth.ts';

export type Tensors = ReadonlyMap<string, Float64Array>;

/** Called with every node's value, in order; used to observe ranges. */
export type Observer = (id: number, value: Float64Array) => void;

/**
 * The float interpreter: evaluates the graph in float64 (integer types wrap as ONNX says).
 * Returns the outputs by name.
 */
export function evaluate(graph: Graph, inputs: Tensors, observe?: Observer): Map<string, Float64Array> {
  const values: Float64Array[] = [];
  for (const [id, node] of graph.nodes.entries()) {
    const value =
      node.kind === 'input'
        ? inputValue(node.name, node.shape, inputs)
        : evaluateNode(
            node,
            node.inputs.map((i) => values[i]),
          );
    values.push(value);
    observe?.(id, value);
  }
  return new Map(graph.outputs.map(({ name, node }) => [name, values[node]]));
}

function inputValue(name: string, shape: readonly number[], inputs: Tensors): Float64Array {
  const value = inputs.get(name);
  const size = sizeOf(shape);
  if (value === undefined) {
    throw new InputError(`input "${name}" is missing`, [`got: ${[...inputs.keys()].join(', ') || 'no inputs'}`]);
  }
  if (value.length !== size) {
    throw new InputError(`input "${name}" has ${value.length} elements`, [`expected ${size} for shape [${shape}]`]);
  }
  return value;
}

/** One primitive on concrete operands; also what folds constants. */
export function evaluateNode(node: GraphNode, inputs: readonly Float64Array[]): Float64Array {
  const value = apply(node, inputs);
  return isInteger(node.dtype) ? wrapAll(node, value) : value;
}

function apply(node: GraphNode, inputs: readonly Float64Array[]): Float64Array {
  switch (node.kind) {
    case 'input':
      throw new InternalError('an input node has no kernel');
    case 'const':
      return node.data;
    case 'affine':
      return applyAffine(node, inputs[0]);
    case 'map':
      return applyMap(node.source, node.fill, inputs);
    case 'add':
      return add(inputs, node.coefficients);
    case 'mul':
      return multiply(inputs[0], inputs[1]);
    case 'matmul':
      return matmul(inputs[0], inputs[1], node);
    case 'compare':
      return compare(node.relation, inputs[0], inputs[1]);
    case 'select':
      return select(inputs[0], inputs[1], inputs[2]);
    case 'max':
      return applyMax(node.gather, node.window, inputs);
    case 'relu':
      return inputs[0].map((x) => (x > 0 ? x : 0));
    case 'clip':
      return inputs[0].map((x) => Math.min(Math.max(x, node.lo), node.hi));
    case 'round':
      return round(node.mode, inputs[0]);
    case 'function':
      return inputs[0].map(smoothOf(node.fn));
    case 'divide':
      return divide(node.mode, inputs[0], inputs[1]);
    case 'sqrt':
      return inputs[0].map(Math.sqrt);
    case 'bits':
      return bits(node, inputs);
    case 'argmax':
      return argmax(inputs[0], node.rows, node.length, node.tie);
    case 'topk': {
      const indices = topIndices(inputs[0], node.rows, node.length, node.k, node.largest);
      if (node.result === 'indices') return indices;
      return indices.map((j, i) => inputs[0][Math.floor(i / node.k) * node.length + j]);
    }
    case 'tree':
      return applyTrees(node.ensemble, concatenate(inputs), node.rows, node.gather);
  }
}

function divide(mode: 'real' | 'floor' | 'trunc', a: Float64Array, b: Float64Array): Float64Array {
  const quotient = { real: (x: number, y: number) => x / y, floor: floorDivide, trunc: truncDivide }[mode];
  return a.map((x, i) => quotient(x, b[i]));
}

function bits(node: GraphNode & { kind: 'bits' }, [a, b]: readonly Float64Array[]): Float64Array {
  switch (node.op) {
    case 'wrap':
      return a.map((x) => wrapInteger(x, node.width, node.signed));
    case 'shr':
      return a.map((x) => Math.floor(x / 2 ** node.amount));
    default:
      return bitwise(node.op, a, b);
  }
}

function wrapAll(node: GraphNode, value: Float64Array): Float64Array {
  const { width, signed } = integerWidth(node.dtype);
  const lo = signed ? -(2 ** (width - 1)) : 0;
  const hi = 2 ** (signed ? width - 1 : width);
  const limit = 2 ** 53;
  if (node.kind === 'const' || node.kind === 'map') return value;
  let wraps = false;
  for (const x of value) {
    if (Math.abs(x) > limit) throw new InexactIntegerError(node, x);
    if (x < lo || x >= hi) {
      if (width > 52) throw new InexactIntegerError(node, x);
      wraps = true;
    }
  }
  return wraps ? value.map((x) => wrapInteger(x, width, signed)) : value;
}

export class InputError extends VouchError {
  override readonly name = 'InputError';
  constructor(message: string, metaMessages: readonly string[]) {
    super(message, { metaMessages });
  }
}

export class InexactIntegerError extends VouchError {
  override readonly name = 'InexactIntegerError';
  constructor(node: GraphNode, value: number) {
    super(`an integer cannot be computed exactly (${value})`, {
      metaMessages: [
        `at ${node.origin.op} "${node.origin.node}", type ${node.dtype}`,
        'Integers are computed exactly up to 2^53 only; use smaller values or a narrower type.',
      ],
    });
  }
}
