import { InternalError, VouchError } from '../errors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';

/** One thing that is wrong with a model, or not supported. */
export interface OnnxProblem {
  readonly node: string;
  readonly op: string;
  readonly opset: number;
  readonly message: string;
  readonly fix: string;
  /** The model input that would have to be fixed at compile time. */
  readonly input?: string | undefined;
}

/**
 * Everything structurally wrong with the model's graph and the graphs within it; an empty list when it may be imported:
 * every value has one producer, every read finds it, and the nodes have an order.
 */
export function checkModel({ graph, opsets }: OnnxModel): OnnxProblem[] {
  const problems: OnnxProblem[] = [];
  const missing = new Set<string>();
  const report: Report = (node, op, domain, message, fix) => {
    problems.push({ node, op, opset: opsets.get(domain) ?? 0, message, fix });
  };
  const checkOpset = ({ name, op, domain }: OnnxNode): void => {
    if (opsets.has(domain) || missing.has(domain)) return;
    missing.add(domain);
    report(name, op, domain, `domain "${domain}" has no operator set version`, 'Add it to opset_import.');
  };
  checkGraph(graph, [], report, checkOpset);
  return problems;
}

type Report = (node: string, op: string, domain: string, message: string, fix: string) => void;

const reexport = 'Re-export the model.';

/** `outer` are the names that the surrounding graphs define, the nearest last. */
function checkGraph(
  graph: OnnxGraph,
  outer: readonly ReadonlySet<string>[],
  report: Report,
  checkOpset: (node: OnnxNode) => void,
): void {
  const known = checkNames(graph, report);
  const scopes = [...outer, known];
  const isKnown = (name: string): boolean => scopes.some((names) => names.has(name));
  for (const node of graph.nodes) {
    checkOpset(node);
    for (const name of node.inputs) {
      if (name !== '' && !isKnown(name)) {
        report(node.name, node.op, node.domain, `reads "${name}", which nothing produces`, reexport);
      }
    }
    for (const inner of innerGraphs(node)) checkGraph(inner, scopes, report, checkOpset);
  }
  const outputs = new Set<string>();
  for (const { name } of graph.outputs) {
    if (outputs.has(name)) report(name, 'Output', '', `output "${name}" is declared twice`, reexport);
    outputs.add(name);
    if (!isKnown(name)) report(name, 'Output', '', 'is never produced', reexport);
  }
  const cycle = findCycle(graph);
  if (cycle.length > 0) {
    const names = cycle.slice(0, 8).map(({ name }) => name);
    const rest = cycle.length > 8 ? ` → … (${cycle.length} nodes)` : '';
    const [{ name, op, domain }] = cycle;
    report(name, op, domain, `is part of a cycle: ${names.join(' → ')}${rest} → ${name}`, reexport);
  }
}

/** The names a graph defines; reports those defined more than once. An initialiser may give an input its default. */
function checkNames(graph: OnnxGraph, report: Report): Set<string> {
  const known = new Set<string>();
  for (const { name } of graph.inputs) {
    if (known.has(name)) report(name, 'Input', '', `input "${name}" is declared twice`, reexport);
    known.add(name);
  }
  for (const name of graph.repeatedInitializers) {
    report(name, 'Initializer', '', `initialiser "${name}" is given twice`, reexport);
  }
  for (const name of graph.initializers.keys()) known.add(name);
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (known.has(name)) {
        report(node.name, node.op, node.domain, `value "${name}" is produced twice`, 'Every value needs one producer.');
      }
      known.add(name);
    }
  }
  return known;
}

/** The nodes in an order in which every value is produced before it is read. */
export function topologicalOrder(graph: OnnxGraph): OnnxNode[] {
  const { order, rest } = sort(graph);
  if (rest.length > 0) throw new InternalError(`cyclic graph at "${rest[0].name}" reached the import`);
  return order;
}

/** The nodes of one cycle, each reading from the one before; empty when there is none. */
function findCycle(graph: OnnxGraph): OnnxNode[] {
  const { rest } = sort(graph);
  if (rest.length === 0) return [];
  const producer = producers(rest);
  const path: number[] = [];
  const position = new Map<number, number>();
  let at = 0;
  // Whatever could not be sorted waits for something else that could not: going back must meet a node again.
  while (!position.has(at)) {
    position.set(at, path.length);
    path.push(at);
    at = readBy(rest[at]).flatMap((name) => producer.get(name) ?? [])[0];
  }
  const cycle = path.slice(position.get(at)).reverse();
  return cycle.map((i) => rest[i]);
}

function producers(nodes: readonly OnnxNode[]): Map<string, number> {
  const producer = new Map<string, number>();
  for (const [i, node] of nodes.entries()) for (const name of node.outputs) if (name !== '') producer.set(name, i);
  return producer;
}

/** Kahn's algorithm that keeps the file's order among nodes that are ready. */
function sort(graph: OnnxGraph): { readonly order: OnnxNode[]; readonly rest: OnnxNode[] } {
  const producer = producers(graph.nodes);
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

/** What a node reads of the graph it is in, by itself and through the graphs within it. */
export function readBy(node: OnnxNode): string[] {
  const names = node.inputs.filter((name) => name !== '');
  for (const inner of innerGraphs(node)) for (const name of freeNames(inner)) names.push(name);
  return names;
}

function freeNames(graph: OnnxGraph): Set<string> {
  const free = new Set(graph.nodes.flatMap(readBy));
  for (const { name } of graph.outputs) free.add(name);
  for (const { name } of graph.inputs) free.delete(name);
  for (const name of graph.initializers.keys()) free.delete(name);
  for (const node of graph.nodes) for (const name of node.outputs) free.delete(name);
  return free;
}

function innerGraphs({ attributes }: OnnxNode): OnnxGraph[] {
  return [...attributes.values()].flatMap((attribute) => {
    if (attribute.type === 'graph') return [attribute.value];
    return attribute.type === 'graphs' ? attribute.value : [];
  });
}

/** Problems that a message spells out; the error's `problems` has them all. */
const maxLines = 200;

export class OnnxModelError extends VouchError {
  override readonly name = 'OnnxModelError';
  readonly problems: readonly OnnxProblem[];
  constructor(problems: readonly OnnxProblem[]) {
    const lines = problems.slice(0, maxLines).map(({ node, op, opset, message, fix }) => {
      const version = opset > 0 ? ` (opset ${opset})` : '';
      return `- ${op} "${node}"${version}: ${message}. ${fix}`;
    });
    if (problems.length > maxLines) lines.push(`… and ${problems.length - maxLines} more`);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`the model cannot be imported: ${count}`, { metaMessages: lines });
    this.problems = problems;
  }
}
