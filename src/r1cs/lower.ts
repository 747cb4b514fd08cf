import { InternalError } from '../errors.ts';
import { planExpressions } from '../quant/expressions.ts';
import type { QGraph, QKind, QNode, Range } from '../quant/qgraph.ts';
import { createSystemBuilder, type SystemBuilder } from './builder.ts';
import { HintList, type HintProgram } from './hints.ts';
import { type PublishedInput, type PublishedOutput, planInterface } from './interface.ts';
import type { Lower, Lowering } from './lower/context.ts';
import { share } from './lower/linear.ts';
import { publishInput, publishOutput } from './lower/publish.ts';
import { lowerings } from './lower/table.ts';

import type { Selection } from './selector.ts';
import type { System } from './system.ts';
import type { Quantity, WireTensor } from './wire-tensor.ts';

/** A circuit: its rows, how its wires are solved, and what verifiers see of its tensors. */
export interface Circuit {
  readonly system: System;
  readonly hints: HintProgram;
  readonly outputs: readonly PublishedOutput[];
  readonly inputs: readonly PublishedInput[];
}

/**
 * Lowers a quantised graph to rank-1 constraints. Public signals: outputs, the binding, inputs; see `planInterface`. All
 * inputs are range-checked. The same graph gives the same rows in the same order, as many as `predictTotal` says.
 */
export function lower(graph: QGraph, ranges: readonly Range[]): Circuit {
  const { outputs, binding, inputs, shape } = planInterface(graph, ranges);
  const system = createSystemBuilder(shape);
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
    inputWire: (name) => firstWire(inputs, name),
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
  for (const output of outputs) {
    publishOutput(contextOf(output.node, graph.nodes[output.node]), tensors[output.node], output);
  }
  for (const input of inputs) publishInput(contextOf(input.node, graph.nodes[input.node]), input);
  const bindingSquare = bind(system, binding);
  const salts = [...outputs, ...inputs].flatMap(({ salt }) => salt ?? []);
  const program = { wires: system.wires, binding, bindingSquare, salts, hints: hints.hints };
  return { system: system.finish(), hints: program, outputs, inputs };
}

/** The rule for a kind takes nodes of that kind; the compiler cannot see that the table's entry and the node agree. */
function lowerNode<K extends QKind>(context: Lowering, node: Extract<QNode, { kind: K }>): WireTensor {
  const rule = lowerings[node.kind] as Lower<K>;
  return rule(context, node);
}

function firstWire(inputs: readonly PublishedInput[], name: string): number {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) throw new InternalError(`Input "${name}" has no wires.`);
  return input.first;
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
