import type { Graph, GraphNode } from './graph.ts';

/** The graph as text, one node per line: what `vouch inspect --print-after` shows and tests compare. */
export function printGraph(graph: Graph): string {
  const outputs = graph.outputs.map(({ name, node }) => `%${node} as "${name}"`).join(', ');
  return [...graph.nodes.map((node, id) => `%${id} = ${printNode(node)}`), `return ${outputs}`].join('\n');
}

function printNode(node: GraphNode): string {
  const operands = node.inputs.map((input) => `%${input}`).join(', ');
  const details = detailsOf(node);
  const origin = node.origin.node === '' ? '' : `  # ${node.origin.op} ${node.origin.node}`;
  return `${node.kind}(${operands})${details === '' ? '' : ` {${details}}`} : ${node.dtype}[${node.shape}]${origin}`;
}

function detailsOf(node: GraphNode): string {
  switch (node.kind) {
    case 'input':
      return node.name;
    case 'const':
      return preview(node.data);
    case 'affine':
      return `groups ${node.groups}, outs ${node.outs}, positions ${node.positions}, depth ${node.depth}`;
    case 'map':
      return `${preview(node.source)}${node.source.some((source) => source < 0) ? `, fill ${node.fill}` : ''}`;
    case 'add':
      return node.coefficients.join(', ');
    case 'max':
      return `window ${node.window}`;
    case 'matmul':
      return `${node.batch} × [${node.m}, ${node.k}] · [${node.k}, ${node.n}]`;
    case 'compare':
      return node.relation;
    case 'clip':
      return `${node.lo} … ${node.hi}`;
    case 'round':
    case 'divide':
      return node.mode;
    case 'function':
      return [node.fn.name, ...node.fn.parameters].join(' ');
    case 'bits':
      return `${node.op} ${node.width}`;
    case 'argmax':
      return `rows ${node.rows}, ${node.tie}`;
    case 'topk':
      return `rows ${node.rows}, k ${node.k}, ${node.result}`;
    case 'tree':
      return `trees ${node.ensemble.roots.length}`;
    default:
      return '';
  }
}

/** The first few numbers, and how many more there are. */
function preview(values: Float64Array | Int32Array): string {
  const shown = [...values.subarray(0, 4)].map((v) => Number(v.toPrecision(5))).join(' ');
  return values.length > 4 ? `${shown} … ${values.length}` : shown;
}
