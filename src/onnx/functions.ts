import { OnnxModelError, type OnnxProblem } from './check.ts';
import { defaultLimits } from './limits.ts';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from './model.ts';

/**
 * Replaces every call of a function that the model defines by the nodes of its body, so that nothing behind this knows
 * of functions. Recursion, version conflicts and bodies that grow past the limit of nodes are reported.
 */
export function inlineFunctions(model: OnnxModel, maxNodes = defaultLimits.maxNodes): OnnxModel {
  if (model.functions.size === 0) return model;
  const inlining: Inlining = { model, maxNodes, opsets: new Map(model.opsets), calls: [], nodes: 0, copies: 0 };
  const graph = inlineGraph(inlining, model.graph);
  return { ...model, graph, opsets: inlining.opsets, functions: new Map() };
}

interface Inlining {
  readonly model: OnnxModel;
  readonly maxNodes: number;
  /** Of the model, and of the domains that only functions use. */
  readonly opsets: Map<string, number>;
  /** The functions being replaced, outermost first. */
  readonly calls: string[];
  nodes: number;
  /** Calls replaced so far; numbers the names of each body. */
  copies: number;
}

/** Calls within calls; exporters nest one level per module. */
const maxDepth = 64;

function inlineGraph(inlining: Inlining, graph: OnnxGraph): OnnxGraph {
  return { ...graph, nodes: graph.nodes.flatMap((node) => inlineNode(inlining, node)) };
}

function inlineNode(inlining: Inlining, node: OnnxNode): OnnxNode[] {
  if (++inlining.nodes > inlining.maxNodes) {
    fail(node, `functions expand to more than ${inlining.maxNodes} nodes`, 'Export without model-local functions.');
  }
  const key = `${node.domain}:${node.op}`;
  const called = inlining.model.functions.get(key);
  if (called === undefined) {
    return [{ ...node, attributes: mapGraphs(node.attributes, (inner) => inlineGraph(inlining, inner)) }];
  }
  if (inlining.calls.includes(key)) {
    fail(node, `function "${called.name}" calls itself`, 'Unroll it before export: a circuit has a fixed structure.');
  }
  if (inlining.calls.length >= maxDepth) {
    fail(node, `functions call each other more than ${maxDepth} deep`, 'Export without model-local functions.');
  }
  if (node.inputs.length > called.inputs.length || node.outputs.length > called.outputs.length) {
    fail(node, `function "${called.name}" has fewer inputs or outputs than its call`, 'Re-export the model.');
  }
  inlining.calls.push(key);
  admitOpsets(inlining, node, called);
  const body = bodyOf(node, called, `${node.name}#${inlining.copies++}`).flatMap((inner) =>
    inlineNode(inlining, inner),
  );
  inlining.calls.pop();
  return body;
}

/** One version per domain holds for the whole model: a function written for another one could mean something else. */
function admitOpsets({ opsets }: Inlining, node: OnnxNode, { name, opsets: own }: OnnxFunction): void {
  for (const [domain, version] of own) {
    const known = opsets.get(domain) ?? version;
    if (known !== version) {
      const place = domain === '' ? 'the standard domain' : `domain "${domain}"`;
      const message = `function "${name}" uses version ${version} of ${place}, the model version ${known}`;
      fail(node, message, 'Export with one operator set version.');
    }
    opsets.set(domain, version);
  }
}

/** The body of a function as one of its calls sees it: names made its own, attributes filled in. */
function bodyOf(call: OnnxNode, { inputs, outputs, defaults, nodes }: OnnxFunction, prefix: string): OnnxNode[] {
  const names = new Map<string, string>();
  for (const [i, name] of inputs.entries()) names.set(name, call.inputs[i] ?? '');
  const copies: OnnxNode[] = [];
  for (const [i, name] of outputs.entries()) {
    const target = call.outputs[i] ?? '';
    if (target === '') continue;
    const known = names.get(name);
    if (known === undefined) names.set(name, target);
    else copies.push(copy(call, known, target));
  }
  const own = (name: string): string => (name === '' ? '' : (names.get(name) ?? `${prefix}/${name}`));
  const body: Body = { call, own, attributes: new Map([...defaults, ...call.attributes]) };
  return [...nodes.map((node) => instantiate(node, body)), ...copies];
}

/** An output that is an input of the function, or another output of it. */
function copy(call: OnnxNode, from: string, to: string): OnnxNode {
  return {
    name: `${call.name}/${to}`,
    op: 'Identity',
    domain: '',
    inputs: [from],
    outputs: [to],
    attributes: new Map(),
  };
}

type Attributes = ReadonlyMap<string, OnnxAttribute>;

/** What turns the nodes of a function into those of one call. */
interface Body {
  readonly call: OnnxNode;
  /** The name in the caller's graph of a value of the function. */
  readonly own: (name: string) => string;
  readonly attributes: Attributes;
}

function instantiate(node: OnnxNode, body: Body): OnnxNode {
  const { call, own, attributes } = body;
  return {
    ...node,
    name: `${call.name}/${node.name}`,
    inputs: node.inputs.map(own),
    outputs: node.outputs.map(own),
    attributes: mapGraphs(fillReferences(node.attributes, attributes), (graph) => ({
      ...graph,
      nodes: graph.nodes.map((inner) => instantiate(inner, body)),
      inputs: graph.inputs.map((info) => ({ ...info, name: own(info.name) })),
      outputs: graph.outputs.map((info) => ({ ...info, name: own(info.name) })),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [own(name), tensor])),
    })),
  };
}

/** A reference to an attribute that neither the call nor the defaults give leaves the attribute out. */
function fillReferences(own: Attributes, given: Attributes): Attributes {
  const filled = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of own) {
    const value = attribute.type === 'reference' ? given.get(attribute.value) : attribute;
    if (value !== undefined) filled.set(name, value);
  }
  return filled;
}

function mapGraphs(attributes: Attributes, change: (graph: OnnxGraph) => OnnxGraph): Attributes {
  if (![...attributes.values()].some(({ type }) => type === 'graph' || type === 'graphs')) return attributes;
  return new Map(
    [...attributes].map(([name, attribute]): [string, OnnxAttribute] => {
      if (attribute.type === 'graph') return [name, { type: 'graph', value: change(attribute.value) }];
      if (attribute.type === 'graphs') return [name, { type: 'graphs', value: attribute.value.map(change) }];
      return [name, attribute];
    }),
  );
}

function fail({ name, op }: OnnxNode, message: string, fix: string): never {
  const problem: OnnxProblem = { node: name, op, opset: 0, message, fix };
  throw new OnnxModelError([problem]);
}
