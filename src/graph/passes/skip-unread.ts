import type { Graph, GraphNode, MatMulNode } from '../graph.ts';
import { readElements } from './read-elements.ts';
import { type Emit, rewrite } from './rewrite.ts';

/**
 * Elements that nothing reads are not computed: tokens before the last one in the last layer, scores that a mask hides.
 * A node keeps its shape; behind it stands a smaller one, and a map in which unread elements repeat a read one.
 */
export function skipUnread(graph: Graph): Graph {
  const read = readElements(graph);
  return rewrite(graph, (node, id, emit, built) => {
    const own = read[id];
    const live = Int32Array.from(own.keys()).filter((i) => own[i] === 1);
    if (live.length === own.length || live.length === 0) return emit(node);
    switch (node.kind) {
      case 'mul':
      case 'compare':
      case 'select':
      case 'relu':
      case 'clip':
      case 'round':
      case 'function':
      case 'divide':
      case 'sqrt':
      case 'bits': {
        const operands = new Map(node.inputs.map((input) => [input, pick(emit, built, input, live)]));
        const inputs = node.inputs.map((input) => operands.get(input) ?? input);
        return spread(emit, node, emit({ ...node, inputs, shape: [live.length] }), live);
      }
      case 'max': {
        const { window } = node;
        const gather = new Int32Array(live.length * window);
        for (const [i, p] of live.entries()) gather.set(node.gather.subarray(p * window, (p + 1) * window), i * window);
        return spread(emit, node, emit({ ...node, gather, shape: [live.length] }), live);
      }
      case 'matmul':
        return splitProduct(emit, built, node, own);
      default:
        return emit(node);
    }
  });
}

/** The chosen elements of a node, as a vector. */
function pick(emit: Emit, built: readonly GraphNode[], id: number, elements: Int32Array): number {
  const { dtype, origin, ...node } = built[id];
  const shape = [elements.length];
  if (node.kind === 'const') {
    const data = Float64Array.from(elements, (i) => node.data[i]);
    return emit({ kind: 'const', inputs: [], shape, dtype, origin, data });
  }
  return emit({ kind: 'map', inputs: [id], shape, dtype, origin, source: elements, fill: 0 });
}

/** A tensor of the node's shape that holds `compact` at the live elements. */
function spread(emit: Emit, { shape, dtype, origin }: GraphNode, compact: number, live: Int32Array): number {
  const source = new Int32Array(shape.reduce((product, dim) => product * dim, 1));
  for (const [i, element] of live.entries()) source[element] = i;
  return emit({ kind: 'map', inputs: [compact], shape, dtype, origin, source, fill: 0 });
}

/** One product per set of columns that some rows share; rows of which nothing is read are in none. */
function splitProduct(emit: Emit, built: readonly GraphNode[], node: MatMulNode, own: Uint8Array): number {
  const { batch, m, k, n } = node;
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < m; row++) {
    const columns = new Set<number>();
    for (let z = 0; z < batch; z++) for (let j = 0; j < n; j++) if (own[(z * m + row) * n + j] === 1) columns.add(j);
    const key = [...columns].sort((a, b) => a - b).join();
    if (key !== '') rowsOf.set(key, [...(rowsOf.get(key) ?? []), row]);
  }
  const parts: number[] = [];
  const source = new Int32Array(batch * m * n);
  let offset = 0;
  for (const [key, rows] of rowsOf) {
    const columns = key.split(',').map(Number);
    const left = indices([batch, rows.length, k], (z, i, d) => (z * m + rows[i]) * k + d);
    const right = indices([batch, k, columns.length], (z, d, j) => (z * k + d) * n + columns[j]);
    const inputs = [pick(emit, built, node.inputs[0], left), pick(emit, built, node.inputs[1], right)];
    const size = { m: rows.length, n: columns.length };
    parts.push(emit({ ...node, ...size, inputs, shape: [batch, size.m, size.n] }));
    for (let z = 0; z < batch; z++) {
      for (const [i, row] of rows.entries()) {
        for (const [j, column] of columns.entries()) {
          source[(z * m + row) * n + column] = offset + (z * size.m + i) * size.n + j;
        }
      }
    }
    offset += batch * size.m * size.n;
  }
  const { shape, dtype, origin } = node;
  return emit({ kind: 'map', inputs: parts, shape, dtype, origin, source, fill: 0 });
}

function indices(
  [a, b, c]: readonly [number, number, number],
  at: (x: number, y: number, z: number) => number,
): Int32Array {
  const result = new Int32Array(a * b * c);
  for (let x = 0, i = 0; x < a; x++) for (let y = 0; y < b; y++) for (let z = 0; z < c; z++) result[i++] = at(x, y, z);
  return result;
}
