import { InternalError } from '../../errors.ts';
import { type AffineNode, type Graph, type GraphNode, inputsOf, type MaxNode } from '../../graph/graph.ts';
import { simplify } from '../../graph/passes/simplify.ts';
import type { DimBindings } from '../../onnx/dims.ts';
import { importModel } from '../../onnx/import.ts';
import { readModelFile } from '../../onnx/read.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Network } from './network.ts';
import { createOnnxWriter, type OnnxWriter, type Written } from './onnx-writer.ts';
import { CannotRewriteError } from './rewrite-error.ts';
import { rewriteFunction } from './rewrite-function.ts';
import { rewriteTree } from './rewrite-tree.ts';

/**
 * The model in operators that EZKL has, written from the primitives that our import makes of it. The same float
 * function up to rounding, for models whose own operators EZKL's reader does not know.
 */
export async function rewrittenNetwork(path: string, dims: DimBindings = {}): Promise<Network> {
  const { model, sha256, externalDataSha256 } = readModelFile(path);
  const graph = simplify(importModel(model, { dims }).graph);
  return {
    bytes: rewriteGraph(graph),
    inputs: inputsOf(graph).map(({ node: { name, shape, dtype } }) => ({ name, shape, dtype })),
    outputs: graph.outputs.map(({ name }) => name),
    onnx: `0x${sha256}`,
    externalData: externalDataSha256,
  };
}

export function rewriteGraph(graph: Graph): Uint8Array {
  const w = createOnnxWriter();
  const values: Written[] = [];
  for (const node of graph.nodes) {
    const value = rewriteNode(
      w,
      node,
      node.inputs.map((id) => values[id]),
    );
    values.push(w.reshape(value, node.shape));
  }
  for (const { name, node } of graph.outputs) w.output(name, values[node]);
  return w.finish();
}

function rewriteNode(w: OnnxWriter, node: GraphNode, inputs: readonly Written[]): Written {
  const { shape } = node;
  const [a, b, c] = inputs.map((value) => w.reshape(value, node.kind === 'argmax' ? value.shape : same(value, shape)));
  switch (node.kind) {
    case 'input':
      return w.input(node.name, shape);
    case 'const':
      return w.constant(node.data, shape);
    case 'affine':
      return rewriteAffine(w, node, joined(w, inputs, needsZero(node.gather) ? [0] : []));
    case 'map': {
      const flat = joined(w, inputs, needsZero(node.source) ? [node.fill] : []);
      const last = sizeOf(flat.shape) - 1;
      return w.gather(
        flat,
        node.source.map((place) => (place < 0 ? last : place)),
        shape,
      );
    }
    case 'add':
      return inputs
        .map((value, i) => scaled(w, w.reshape(value, shape), node.coefficients[i]))
        .reduce((sum, term) => w.node('Add', [sum, term], shape));
    case 'mul':
      return w.node('Mul', [a, b], shape);
    case 'matmul': {
      const { batch, m, k, n } = node;
      const [left, right] = [w.reshape(a, [batch, m, k]), w.reshape(b, [batch, k, n])];
      return w.node('MatMul', [left, right], [batch, m, n]);
    }
    case 'compare':
      return w.cast(w.node({ lt: 'Less', le: 'LessOrEqual', eq: 'Equal' }[node.relation], [a, b], shape), 'float');
    case 'select':
      return w.node('Where', [w.cast(a, 'bool'), b, c], shape);
    case 'max':
      return rewriteMax(w, node, joined(w, inputs, []));
    case 'relu':
      return w.node('Relu', [a], shape);
    case 'clip': {
      const above = node.lo === -Infinity ? a : w.node('Max', [a, w.constant([node.lo], [1])], shape);
      return node.hi === Infinity ? above : w.node('Min', [above, w.constant([node.hi], [1])], shape);
    }
    case 'round':
      if (node.mode === 'trunc') throw new CannotRewriteError('rounding toward zero');
      return w.node({ floor: 'Floor', ceil: 'Ceil', even: 'Round' }[node.mode], [a], shape);
    case 'function':
      return rewriteFunction(w, node, a);
    case 'divide':
      if (node.mode !== 'real') throw new CannotRewriteError('division of integers');
      return w.node('Div', [a, b], shape);
    case 'sqrt':
      return w.node('Sqrt', [a], shape);
    case 'argmax': {
      if (node.tie !== 'first') throw new CannotRewriteError('the last of equal maxima');
      const rows = w.reshape(a, [node.rows, node.length]);
      return w.cast(w.node('ArgMax', [rows], [node.rows], { axis: 1, keepdims: 0 }), 'float');
    }
    case 'tree':
      return rewriteTree(w, node, joined(w, inputs, []));
    case 'bits':
    case 'topk':
      throw new CannotRewriteError(`${node.origin.op} of node "${node.origin.node}"`);
  }
}

/** Elementwise operands may be laid out in another shape of the same size. */
const same = (value: Written, shape: Shape): Shape => (sizeOf(value.shape) === sizeOf(shape) ? shape : value.shape);

const needsZero = (places: Int32Array): boolean => places.some((place) => place < 0);

/** All operands one after the other, and constants behind them. */
function joined(w: OnnxWriter, inputs: readonly Written[], more: readonly number[]): Written {
  const flats = inputs.map((value) => w.reshape(value, [sizeOf(value.shape)]));
  const parts = more.length === 0 ? flats : [...flats, w.constant(more, [more.length])];
  const [only] = parts;
  if (only === undefined) throw new InternalError('a node reads nothing');
  if (parts.length === 1) return only;
  return w.node('Concat', parts, [parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0)], { axis: 0 });
}

function scaled(w: OnnxWriter, value: Written, factor: number): Written {
  return factor === 1 ? value : w.node('Mul', [value, w.constant([factor], [1])], value.shape);
}

/** y[g, o, p] = bias + Σ_k weight[g, o, k] · x[gather[g, p, k]] as one batched matrix product. */
function rewriteAffine(w: OnnxWriter, node: AffineNode, flat: Written): Written {
  const { groups, outs, positions, depth, weight, gather, bias } = node;
  const zero = sizeOf(flat.shape) - 1;
  const read = w.gather(
    flat,
    gather.map((place) => (place < 0 ? zero : place)),
    [groups, positions, depth],
  );
  const turned = new Float64Array(weight.length);
  for (let g = 0; g < groups; g++) {
    for (let o = 0; o < outs; o++) {
      for (let k = 0; k < depth; k++) turned[(g * depth + k) * outs + o] = weight[(g * outs + o) * depth + k];
    }
  }
  const product = w.node('MatMul', [read, w.constant(turned, [groups, depth, outs])], [groups, positions, outs]);
  const laid = positions === 1 || outs === 1 ? product : transposed(w, product);
  const columns = w.reshape(laid, [groups, outs, positions]);
  const perPosition = bias.length === groups * outs ? 1 : positions;
  if (bias.every((value) => value === 0)) return columns;
  return w.node('Add', [columns, w.constant(bias, [groups, outs, perPosition])], columns.shape);
}

function transposed(w: OnnxWriter, value: Written): Written {
  const [groups, positions, outs] = value.shape;
  return w.node('Transpose', [value], [groups, outs, positions], { perm: [0, 2, 1] });
}

/** Entries that are skipped read a neighbour of their own window again, which changes no maximum. */
function rewriteMax(w: OnnxWriter, { gather, window }: MaxNode, flat: Written): Written {
  const places = gather.map((place, i) => {
    if (place >= 0) return place;
    const start = i - (i % window);
    const other = gather.subarray(start, start + window).find((known) => known >= 0);
    if (other === undefined) throw new CannotRewriteError('the maximum of nothing');
    return other;
  });
  const positions = gather.length / window;
  const read = w.gather(flat, places, [positions, window]);
  return w.node('ReduceMax', [read], [positions], { axes: [1], keepdims: 0 });
}
