import { InternalError, VouchError } from '../errors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';

/** One thing that is wrong with a model, or not supported. */
export interface OnnxProblem {
  readonly node: string;
  readonly op: string;
  readonly opset: number;
  readonly message: string;
  readonly fix: string;
}

/** Everything structurally wrong with the model's graph; an empty list when it may be imported. */
export function checkModel(model: OnnxModel): OnnxProblem[] {
  const { graph, opsets } = model;
  const problems: OnnxProblem[] = [];
  const report = (node: string, op: string, message: string, fix: string): void => {
    problems.push({ node, op, opset: opsets.get('') ?? 0, message, fix });
  };
  const known = new Set<string>([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) {
    if (!opsets.has(node.domain)) {
      report(node.name, node.op, `domain "${node.domain}" has no operator set version`, 'Add it to opset_import.');
    }
    for (const name of node.outputs) {
      if (name === '') continue;
      if (known.has(name))
        report(node.name, node.op, `value "${name}" is produced twice`, 'Every value needs one producer.');
      known.add(name);
    }
  }
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name !== '' && !known.has(name))
        report(node.name, node.op, `reads "${name}", which nothing produces`, 'Re-export the model.');
    }
  }
  for (const { name } of graph.outputs) {
    if (!known.has(name)) report(name, 'Output', 'is never produced', 'Re-export the model.');
  }
  const cycle = findCycle(graph);
  if (cycle.length > 0)
    report(cycle[0], 'Graph', `nodes form a cycle: ${cycle.slice(0, 8).join(' → ')}`, 'Re-export the model.');
  return problems;
}

/** The nodes in an order in which every value is produced before it is read. */
export function topologicalOrder(graph: OnnxGraph): OnnxNode[] {
  const { order, rest } = sort(graph);
  if (rest.length > 0) throw new InternalError(`cyclic graph at "${rest[0].name}" reached the import`);
  return order;
}

function findCycle(graph: OnnxGraph): string[] {
  return sort(graph).rest.map(({ name }) => name);
}

/** Kahn's algorithm that keeps the file's order among nodes that are ready. */
function sort(graph: OnnxGraph): { readonly order: OnnxNode[]; readonly rest: OnnxNode[] } {
  const producer = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries())
    for (const name of node.outputs) if (name !== '') producer.set(name, i);
  const consumers = graph.nodes.map((): number[] => []);
  const waiting = new Uint32Array(graph.nodes.length);
  for (const [i, node] of graph.nodes.entries()) {
    for (const name of readBy(node)) {
      const from = producer.get(name);
      if (from === undefined) continue;
      consumers[from].push(i);
      waiting[i]++;
    }
  }
  const ready = graph.nodes.flatMap((_, i) => (waiting[i] === 0 ? [i] : []));
  const order: OnnxNode[] = [];
  for (let head = 0; head < ready.length; head++) {
    const i = ready[head];
    order.push(graph.nodes[i]);
    for (const next of consumers[i]) if (--waiting[next] === 0) ready.push(next);
  }
  return { order, rest: graph.nodes.filter((_, i) => waiting[i] > 0) };
}

/** What a node reads, its subgraphs' outer values included. */
export function readBy(node: OnnxNode): string[] {
  const names = node.inputs.filter((name) => name !== '');
  for (const attribute of node.attributes.values()) {
    if (attribute.type !== 'graph') continue;
    for (const inner of attribute.value.nodes) names.push(...readBy(inner));
    names.push(...attribute.value.outputs.map(({ name }) => name));
  }
  return names;
}

export class OnnxModelError extends VouchError {
  override readonly name = 'OnnxModelError';
  readonly problems: readonly OnnxProblem[];
  constructor(problems: readonly OnnxProblem[]) {
    const lines = problems.map(({ node, op, opset, message, fix }) => {
      const version = opset > 0 ? ` (opset ${opset})` : '';
      return `- ${op} "${node}"${version}: ${message}. ${fix}`;
    });
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`the model cannot be imported: ${count}`, { metaMessages: lines });
    this.problems = problems;
  }
}
