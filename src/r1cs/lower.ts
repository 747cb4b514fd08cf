import { InternalError } from '../errors.ts';
import { planExpressions } from '../quant/expressions.ts';
import type { QGraph, QKind, QNode, Range } from '../quant/qgraph.ts';
import { createSystemBuilder, type SystemBuilder } from './builder.ts';
import { HintList, type HintProgram } from './hints.ts';
import type { Lower, Lowering } from './lower/context.ts';
import { share } from './lower/linear.ts';
import { publish } from './lower/publish.ts';
import { lowerings } from './lower/table.ts';
import { type PublishedInput, type PublishedOutput, publishedTensors } from './packing.ts';
import type { Selection } from './selector.ts';
import type { System } from './system.ts';
import type { Quantity, WireTensor } from './wire-tensor.ts';

/** A circuit: its rows, how its wires are solved, and how its tensors are published. */
export interface Circuit {
  readonly system: System;
  readonly hints: HintProgram;
  readonly outputs: readonly PublishedOutput[];
  readonly inputs: readonly PublishedInput[];
}

/**
 * Lowers a quantised graph to rank-1 constraints. Public signals: packed outputs, then the binding. Inputs are private
 * and range-checked. The same graph gives the same rows in the same order, as many as `predictTotal` says.
 */
export function lower(graph: QGraph, ranges: readonly Range[]): Circuit {
  const { outputs, inputs: publishedInputs } = publishedTensors(graph, ranges);
  const signals = outputs.reduce((sum, output) => sum + output.signals, 0);
  const inputs = inputWires(graph, ranges, signals + 2);
  const system = createSystemBuilder({ outputs: signals, publicInputs: 1, privateInputs: inputs.total });
  const hints = new HintList(graph.nodes.length);
  const tensors: Quantity[] = [];
  const { terms, shared } = planExpressions(graph, ranges);
  const selections = new Map<string, Selection>();
  const origins = new Map<string, number>();
  const contextOf = (id: number, node: QNode): Lowering => ({
    system,
    graph,
    ranges,
    hints,
    id,
    node,
    operands: node.inputs.map((input) => tensors[input]),
    inputWire: (name) => firstWire(inputs.first, name),
    origin: (gadget) => originOf(system, origins, node, gadget),
    selections,
  });
  for (const [id, node] of graph.nodes.entries()) {
    const context = contextOf(id, node);
    const expression = lowerNode(context, node);
    const tensor = shared[id]
      ? share(context, { ...expression, terms: Number.POSITIVE_INFINITY, column: id })
      : expression;
    tensors.push({ ...tensor, terms: terms[id], column: id });
  }
  let signal = 1;
  for (const output of outputs) {
    publish(contextOf(output.node, graph.nodes[output.node]), tensors[output.node], output, signal);
    signal += output.signals;
  }
  const binding = signals + 1;
  const bindingSquare = bind(system, binding);
  const program = { wires: system.wires, binding, bindingSquare, hints: hints.hints };
  return { system: system.finish(), hints: program, outputs, inputs: publishedInputs };
}

/** The rule for a kind takes nodes of that kind; the compiler cannot see that the table's entry and the node agree. */
function lowerNode<K extends QKind>(context: Lowering, node: Extract<QNode, { kind: K }>): WireTensor {
  const rule = lowerings[node.kind] as Lower<K>;
  return rule(context, node);
}

function firstWire(first: ReadonlyMap<string, number>, name: string): number {
  const wire = first.get(name);
  if (wire === undefined) throw new InternalError(`Input "${name}" has no wires.`);
  return wire;
}

function inputWires(
  graph: QGraph,
  ranges: readonly Range[],
  start: number,
): { first: Map<string, number>; total: number } {
  const first = new Map<string, number>();
  let total = 0;
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind !== 'input') continue;
    first.set(node.name, start + total);
    total += ranges[id].lo.length;
  }
  return { first, total };
}

function originOf(system: SystemBuilder, known: Map<string, number>, { origin }: QNode, gadget: string): number {
  const key = `${origin.op}\n${origin.node}\n${gadget}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const id = system.addOrigin({ ...origin, gadget });
  known.set(key, id);
  return id;
}

/** The binding takes part in one row, so that no proof can be re-used for another binding. */
function bind(system: SystemBuilder, binding: number): number {
  const origin = system.addOrigin({ node: 'binding', op: 'Interface', gadget: 'binding' });
  const square = system.allocateWires(1, origin);
  system.a.add(binding, 1);
  system.b.add(binding, 1);
  system.c.add(square, 1);
  system.closeRow(origin);
  return square;
}
