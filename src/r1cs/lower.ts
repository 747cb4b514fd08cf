import { toScalar } from '../field/bn254.ts';
import type { QGraph, QKind, QNode, Range } from '../quant/qgraph.ts';
import { createSystemBuilder, type SystemBuilder } from './builder.ts';
import type { Hint, HintProgram } from './hints.ts';
import { type Lower, type Lowering, UnprovableNodeError } from './lower/context.ts';
import { share } from './lower/linear.ts';
import { lowerings } from './lower/table.ts';
import { laneWeight, type Packing, packingOf } from './packing.ts';
import type { System } from './system.ts';
import type { WireTensor } from './wire-tensor.ts';

/** A circuit: its rows, how its wires are solved, and how its outputs are published. */
export interface Circuit {
  readonly system: System;
  readonly hints: HintProgram;
  readonly outputs: readonly (Packing & { readonly name: string; readonly node: number })[];
}

/** An expression of n terms used u times gets a wire once (n − 1)(u − 1) exceeds this. */
const shareThreshold = 4096;

/**
 * Lowers a quantised graph to rank-1 constraints. Public signals: packed outputs, then the binding. Inputs are private
 * and range-checked. The same graph gives the same rows in the same order.
 */
export function lower(graph: QGraph, ranges: readonly Range[]): Circuit {
  const outputs = graph.outputs.map(({ name, node }) => ({ name, node, ...packingOf(ranges[node]) }));
  const signals = outputs.reduce((sum, output) => sum + output.signals, 0);
  const inputs = inputWires(graph, ranges, signals + 2);
  const system = createSystemBuilder({ outputs: signals, publicInputs: 1, privateInputs: inputs.total });
  const hints: Hint[] = [];
  const tensors: WireTensor[] = [];
  const uses = countUses(graph);
  const origins = new Map<string, number>();
  const contextOf = (id: number, node: QNode): Lowering => ({
    system,
    graph,
    ranges,
    hints,
    id,
    operands: node.inputs.map((input) => tensors[input]),
    inputWire: (name) => inputs.first.get(name) ?? 0,
    origin: (gadget) => originOf(system, origins, node, gadget),
  });
  for (const [id, node] of graph.nodes.entries()) {
    const context = contextOf(id, node);
    const tensor = lowerNode(context, node);
    const worth = (tensor.terms - 1) * (uses[id] - 1);
    tensors.push(worth > shareThreshold ? share(context, tensor) : tensor);
  }
  let signal = 1;
  for (const output of outputs) {
    publish(contextOf(output.node, graph.nodes[output.node]), tensors[output.node], output, signal);
    signal += output.signals;
  }
  const binding = signals + 1;
  const bindingSquare = bind(system, binding);
  return { system: system.finish(), hints: { wires: system.wires, binding, bindingSquare, hints }, outputs };
}

function lowerNode<K extends QKind>(context: Lowering, node: Extract<QNode, { kind: K }>): WireTensor {
  const rule = lowerings[node.kind] as Lower<K> | undefined;
  if (rule === undefined) throw new UnprovableNodeError(node);
  return rule(context, node);
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

/** How often the most used element of a node is written out by its consumers. */
function countUses(graph: QGraph): Float64Array {
  const uses = new Float64Array(graph.nodes.length);
  for (const node of graph.nodes) {
    for (const input of node.inputs) uses[input] += node.kind === 'affine' ? node.outs * Math.min(node.depth, 32) : 1;
  }
  for (const { node } of graph.outputs) uses[node]++;
  return uses;
}

function originOf(system: SystemBuilder, known: Map<string, number>, { origin }: QNode, gadget: string): number {
  const key = `${origin.op}\n${origin.node}\n${gadget}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const id = system.addOrigin({ ...origin, gadget });
  known.set(key, id);
  return id;
}

/**
 * Publishes a tensor: one wire and row per element, then one row per signal, signal = Σ lane weight·(v − lo). Bounds
 * prove that every lane fits, so the packing is injective and no further range check is needed.
 */
function publish(context: Lowering, tensor: WireTensor, packing: Packing, firstSignal: number): void {
  const { system, hints, id } = context;
  const origin = context.origin('publish');
  const first = system.allocateWires(packing.size, origin);
  hints.push({ kind: 'copy', node: id, first });
  for (let i = 0; i < packing.size; i++) {
    system.a.add(first + i, 1);
    system.b.add(0, 1);
    tensor.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  for (let s = 0; s < packing.signals; s++) {
    const start = s * packing.lanes;
    const count = Math.min(packing.lanes, packing.size - start);
    let constant = 0n;
    for (let j = 0; j < count; j++) {
      const weight = laneWeight(packing, j);
      system.a.addScalar(first + start + j, toScalar(weight));
      constant += weight * BigInt(packing.lo);
    }
    system.a.addScalar(0, toScalar(-constant));
    system.b.add(0, 1);
    system.c.add(firstSignal + s, 1);
    system.closeRow(origin);
    const { lanes, laneBytes: bytes, lo } = packing;
    hints.push({ kind: 'pack', node: id, wire: firstSignal + s, start, count, lanes, bytes, lo });
  }
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
