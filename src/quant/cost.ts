import { elementGrid } from './columns.ts';
import { divideRows, matmulRows, mulRows, sqrtRows } from './cost/arithmetic.ts';
import { bitsRows } from './cost/bits.ts';
import { argmaxRows, compareRows, maxRows, selectionKey, selectRows, topkRows } from './cost/choice.ts';
import { outputRows, publicInputRows } from './cost/publish.ts';
import { clipCost, functionRows, rescaleRows, roundRows } from './cost/rounding.ts';
import { planExpressions } from './expressions.ts';
import type { QGraph, QInput, QNode, Range } from './qgraph.ts';
import { rangeRows } from './rows.ts';
import { planTrees } from './tree-plan.ts';
import { bitLength } from './width.ts';

/**
 * Rows that every node adds to the circuit, exactly as `r1cs/lower` emits them; no circuit is built. A node whose
 * expressions get wires of their own is charged for them.
 */
export function predictCosts(graph: QGraph, ranges: readonly Range[]): Float64Array {
  const { terms, shared } = planExpressions(graph, ranges);
  const selections = new Set<string>();
  return Float64Array.from(graph.nodes, (node, id) => {
    const own = shared[id] ? varying(ranges[id]) : 0;
    if (node.kind === 'topk') {
      if (selections.has(selectionKey(node))) return own;
      selections.add(selectionKey(node));
    }
    return own + rowsOf(graph, node, ranges, ranges[id], terms);
  });
}

/** Rows of the whole circuit: nodes, what is published, and the binding. */
export function predictTotal(graph: QGraph, ranges: readonly Range[]): number {
  let total = 1;
  for (const cost of predictCosts(graph, ranges)) total += cost;
  for (const { node, visibility } of graph.outputs) total += outputRows(ranges[node], visibility);
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'input') total += publicInputRows(ranges[id], node.visibility);
  }
  return total;
}

/** Smallest power of two that holds `rows` constraints and the consistency rows of `signals` public signals. */
export function domainOf(rows: number, signals = 1): number {
  return 2 ** bitLength(rows + signals);
}

/** An element whose bounds coincide is a constant of the circuit and costs nothing. */
function varying({ lo, hi }: Range): number {
  let count = 0;
  for (let i = 0; i < lo.length; i++) if (lo[i] < hi[i]) count++;
  return count;
}

function rowsOf(
  graph: QGraph,
  node: QNode,
  ranges: readonly Range[],
  range: Range,
  planned: readonly number[],
): number {
  const operands = node.inputs.map((input) => ranges[input]);
  const terms = node.inputs.map((input) => planned[input]);
  const [x, y, z] = operands;
  switch (node.kind) {
    case 'input':
      return inputRows(node, range.lo.length);
    case 'const':
    case 'affine':
    case 'map':
    case 'add':
      return 0;
    case 'mul':
      return mulRows(x, y);
    case 'matmul':
      return matmulRows(node, x, y);
    case 'rescale':
      return rescaleRows(node, x, range, terms[0]);
    case 'clip':
      return clipCost(node, x, range, terms[0]);
    case 'round':
      return roundRows(node, x, range, terms[0]);
    case 'compare':
      return compareRows(node, x, y, terms);
    case 'select':
      return selectRows(x, y, z);
    case 'max':
      return maxRows(node, graph.nodes, operands, terms);
    case 'argmax':
      return argmaxRows(node, x, terms[0]);
    case 'topk':
      return topkRows(node, x);
    case 'function':
      return functionRows(node, x, range, terms[0]);
    case 'divide':
      return divideRows(node, x, y, terms, range);
    case 'sqrt':
      return sqrtRows(node, x, range);
    case 'bits':
      return bitsRows(node, operands, range, terms);
    case 'tree':
      return planTrees(node, operands).rows;
  }
}

function inputRows(node: QInput, size: number): number {
  let rows = 0;
  for (let i = 0; i < size; i++) rows += rangeRows(elementGrid(node, i).bits, 1);
  return rows;
}
