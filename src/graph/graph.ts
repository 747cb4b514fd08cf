import type { DType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { InputVisibility, OutputVisibility } from '../tensor/visibility.ts';
import type { AffineMap } from './kernels/affine.ts';
import type { SmoothFunction } from './smooth.ts';
import type { TreeEnsemble } from './tree.ts';

/** The ONNX node a primitive came from; every later stage keeps it for messages and reports. */
export interface Origin {
  readonly node: string;
  readonly op: string;
}

interface NodeBase {
  /** Ids (positions in `Graph.nodes`) of the operands, all smaller than the node's own id. */
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
  readonly origin: Origin;
}

export interface InputNode extends NodeBase {
  readonly kind: 'input';
  readonly name: string;
  /** See `withVisibility`. */
  readonly visibility?: InputVisibility;
}

export interface ConstNode extends NodeBase {
  readonly kind: 'const';
  readonly data: Float64Array;
}

/**
 * Every linear map with constant weights: convolution, matrix product, pooling, sums, interpolation.
 *
 *     y[g, o, p] = bias[g, o (, p)] + Σ_k weight[g, o, k] · x[gather[g, p, k]]
 *
 * `gather` holds −1 where a zero is read (padding). The result is laid out [groups, outs, positions].
 */
export interface AffineNode extends NodeBase, AffineMap {
  readonly kind: 'affine';
}

/** All data movement: y[i] = source[i] < 0 ? fill : concatenation of inputs[source[i]]. */
export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly source: Int32Array;
  readonly fill: number;
}

/** y = Σ coefficients[i] · inputs[i], elementwise on equal sizes. */
export interface AddNode extends NodeBase {
  readonly kind: 'add';
  readonly coefficients: readonly number[];
}

/** Elementwise product of two computed tensors of equal size. */
export interface MulNode extends NodeBase {
  readonly kind: 'mul';
}

/** Batched product of two computed tensors: [batch, m, k] × [batch, k, n] → [batch, m, n]. */
export interface MatMulNode extends NodeBase {
  readonly kind: 'matmul';
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Elementwise relation of two tensors of equal size; the result is 0 or 1. */
export interface CompareNode extends NodeBase {
  readonly kind: 'compare';
  readonly relation: 'lt' | 'le' | 'eq';
}

/** inputs = [condition, a, b]: condition ? a : b, elementwise on equal sizes. */
export interface SelectNode extends NodeBase {
  readonly kind: 'select';
}

/** y[p] = max_k x[gather[p, k]] over the concatenated inputs; −1 entries are skipped (max-pool pads with −∞). */
export interface MaxNode extends NodeBase {
  readonly kind: 'max';
  readonly window: number;
  readonly gather: Int32Array;
}

export interface ReluNode extends NodeBase {
  readonly kind: 'relu';
}

export interface ClipNode extends NodeBase {
  readonly kind: 'clip';
  readonly lo: number;
  readonly hi: number;
}

/** Rounds to an integer value: toward −∞, +∞, zero, or to nearest with ties to even. */
export interface RoundNode extends NodeBase {
  readonly kind: 'round';
  readonly mode: 'floor' | 'ceil' | 'trunc' | 'even';
}

/** An elementwise smooth function of one variable. */
export interface FunctionNode extends NodeBase {
  readonly kind: 'function';
  readonly fn: SmoothFunction;
}

/** x / y elementwise: the real quotient, or the integer quotient rounded toward −∞ or zero. */
export interface DivideNode extends NodeBase {
  readonly kind: 'divide';
  readonly mode: 'real' | 'floor' | 'trunc';
}

/** Elementwise square root of a non-negative tensor. */
export interface SqrtNode extends NodeBase {
  readonly kind: 'sqrt';
}

/**
 * Bitwise operation on integers of `width` bits. `and`, `or`, `xor` take two tensors. `wrap` reduces one tensor
 * modulo 2^width into the (un)signed range; `shr` shifts one tensor right by `amount` bits.
 */
export interface BitsNode extends NodeBase {
  readonly kind: 'bits';
  readonly op: 'and' | 'or' | 'xor' | 'wrap' | 'shr';
  readonly width: number;
  readonly signed: boolean;
  readonly amount: number;
}

/** Index of the largest element of each of `rows` rows of `length` elements; ties go to the first (or last) index. */
export interface ArgMaxNode extends NodeBase {
  readonly kind: 'argmax';
  readonly rows: number;
  readonly length: number;
  readonly tie: 'first' | 'last';
}

/** The k largest (or smallest) of each row in order, ties by lower index first: their values or their indices. */
export interface TopKNode extends NodeBase {
  readonly kind: 'topk';
  readonly rows: number;
  readonly length: number;
  readonly k: number;
  readonly largest: boolean;
  readonly result: 'values' | 'indices';
}

/** Decision trees → [rows, targets]. Feature f of row r is gather[r·features + f] of the concatenated inputs. */
export interface TreeNode extends NodeBase {
  readonly kind: 'tree';
  readonly rows: number;
  readonly features: number;
  readonly gather: Int32Array;
  readonly ensemble: TreeEnsemble;
}

export type GraphNode =
  | InputNode
  | ConstNode
  | AffineNode
  | MapNode
  | AddNode
  | MulNode
  | MatMulNode
  | CompareNode
  | SelectNode
  | MaxNode
  | ReluNode
  | ClipNode
  | RoundNode
  | FunctionNode
  | DivideNode
  | SqrtNode
  | BitsNode
  | ArgMaxNode
  | TopKNode
  | TreeNode;

export type NodeKind = GraphNode['kind'];

export interface GraphOutput {
  readonly name: string;
  readonly node: number;
  /** See `withVisibility`. */
  readonly visibility?: OutputVisibility;
}

/** A model over the primitives above, in topological order. Constants are folded, shapes are static. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphOutput[];
}

export function inputsOf(graph: Graph): { readonly id: number; readonly node: InputNode }[] {
  return graph.nodes.flatMap((node, id) => (node.kind === 'input' ? [{ id, node }] : []));
}
