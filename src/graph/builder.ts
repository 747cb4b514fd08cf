import { InternalError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { evaluateNode } from './evaluate.ts';
import type { AffineNode, ConstNode, Graph, GraphNode, GraphOutput, Origin, TreeNode } from './graph.ts';

/** Id of a value of the graph under construction. */
export type ValueId = number;

/** A node without what the builder fills in. */
export type NewNode = DistributiveOmit<GraphNode, 'origin'>;
type DistributiveOmit<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never;

/**
 * Builds a graph node by node. A node whose operands are all constants is evaluated at once and becomes a constant,
 * so constant folding needs no pass and shape arithmetic of exporters disappears on the way in.
 */
export interface GraphBuilder {
  /** Sets the ONNX node that the following nodes come from. */
  from(origin: Origin): void;
  push(node: NewNode): ValueId;
  node(id: ValueId): GraphNode;
  shape(id: ValueId): Shape;
  dtype(id: ValueId): DType;
  /** The data of a folded constant, or `undefined` for a computed value. */
  constant(id: ValueId): Float64Array | undefined;
  finish(outputs: readonly GraphOutput[]): Graph;
}

/** What one graph may hold: a small file can otherwise ask for any amount of memory, one tensor after the other. */
const maxNodes = 500_000;
const maxStoredNumbers = 2 ** 27;

export function createGraphBuilder(): GraphBuilder {
  const nodes: GraphNode[] = [];
  let stored = 0;
  let origin: Origin = { node: '', op: '' };
  const at = (id: ValueId): GraphNode => {
    const node = nodes[id];
    if (node === undefined) throw new InternalError(`value ${id} does not exist`);
    return node;
  };
  return {
    from(next) {
      origin = next;
    },
    push(node) {
      const size = sizeOf(node.shape);
      stored += storedNumbers(node, size);
      if (nodes.length >= maxNodes || stored > maxStoredNumbers) throw new GraphSizeError(nodes.length, stored);
      const complete = { ...node, origin };
      checkNode(complete, size, at);
      const operands = node.inputs.map((id) => at(id));
      if (operands.length > 0 && operands.every(isConst)) {
        const data = evaluateNode(
          complete,
          operands.map((operand) => operand.data),
        );
        return nodes.push({ kind: 'const', inputs: [], shape: node.shape, dtype: node.dtype, origin, data }) - 1;
      }
      return nodes.push(complete) - 1;
    },
    node: at,
    shape: (id) => at(id).shape,
    dtype: (id) => at(id).dtype,
    constant(id) {
      const node = at(id);
      return node.kind === 'const' ? node.data : undefined;
    },
    finish: (outputs) => ({ nodes, outputs }),
  };
}

function isConst(node: GraphNode): node is ConstNode {
  return node.kind === 'const';
}

/** Sizes that must agree, checked where a node is born so that kernels need not. */
function checkNode(node: GraphNode, size: number, at: (id: ValueId) => GraphNode): void {
  const sizes = node.inputs.map((id) => sizeOf(at(id).shape));
  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new InternalError(`${node.kind} node of ${node.origin.op} "${node.origin.node}": ${what}`);
  };
  switch (node.kind) {
    case 'const':
      return expect(node.data.length === size, `${node.data.length} values for shape [${node.shape}]`);
    case 'affine':
      return checkAffine(node, size, expect);
    case 'map':
      return expect(node.source.length === size, `${node.source.length} sources for shape [${node.shape}]`);
    case 'max':
      return expect(node.gather.length === size * node.window && node.window > 0, 'window does not match the shape');
    case 'matmul':
      return expect(
        sizes[0] === node.batch * node.m * node.k &&
          sizes[1] === node.batch * node.k * node.n &&
          size === node.batch * node.m * node.n,
        'operand sizes do not match',
      );
    case 'argmax':
      return expect(node.length > 0 && sizes[0] === node.rows * node.length && size === node.rows, 'rows do not match');
    case 'topk':
      return expect(sizes[0] === node.rows * node.length && size === node.rows * node.k, 'rows do not match');
    case 'tree':
      return checkTree(node, size, expect);
    default:
      return expect(
        sizes.every((s) => s === size),
        `operand sizes ${sizes} for shape [${node.shape}]`,
      );
  }
}

function checkAffine(node: AffineNode, size: number, expect: (holds: boolean, what: string) => void): void {
  const { groups, outs, positions, depth, gather, weight, bias } = node;
  expect(groups * outs * positions === size, `${groups}·${outs}·${positions} outputs for shape [${node.shape}]`);
  expect(gather.length === groups * positions * depth, 'gather has the wrong length');
  expect(weight.length === groups * outs * depth, 'weight has the wrong length');
  expect(bias.length === size || bias.length === groups * outs, 'bias has the wrong length');
}

function checkTree(node: TreeNode, size: number, expect: (holds: boolean, what: string) => void): void {
  const { left, right, feature, targets } = node.ensemble;
  expect(node.gather.length === node.rows * node.features && size === node.rows * targets, 'rows do not match');
  const owned = new Uint8Array(left.length);
  for (let i = 0; i < left.length; i++) {
    if (left[i] < 0) continue;
    const inside = Math.max(left[i], right[i]) < left.length && feature[i] >= 0 && feature[i] < node.features;
    const fresh = left[i] !== right[i] && owned[left[i]] === 0 && owned[right[i]] === 0;
    expect(inside && fresh && Math.min(left[i], right[i]) > i, `tree node ${i} is malformed`);
    owned[left[i]] = 1;
    owned[right[i]] = 1;
  }
}

/** Limit of an index array: groups·positions·depth entries of an affine map or a max window. */
export function checkGatherSize(entries: number): void {
  if (entries > 2 ** 27) throw new ShapeError(`an index map of ${entries} entries exceeds the limit of ${2 ** 27}`);
}

/** Entries of a node's tables and data; what folding it would leave behind included. */
function storedNumbers(node: NewNode, size: number): number {
  switch (node.kind) {
    case 'affine':
      return node.gather.length + node.weight.length + node.bias.length;
    case 'max':
      return node.gather.length;
    default:
      return size;
  }
}

export class GraphSizeError extends ShapeError {
  constructor(nodes: number, stored: number) {
    super(`the model unfolds to ${nodes} primitives with ${stored} stored numbers`, {
      metaMessages: [`the limits are ${maxNodes} and ${maxStoredNumbers}; use fewer steps, or smaller tensors`],
    });
  }
}
