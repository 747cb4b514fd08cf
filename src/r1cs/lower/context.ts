import { VouchError } from '../../errors.ts';
import type { QGraph, QKind, QNode, Range } from '../../quant/qgraph.ts';
import type { SystemBuilder } from '../builder.ts';
import type { Hint } from '../hints.ts';
import { type WireTensor, wires } from '../wire-tensor.ts';

/** What a lowering may use: the rows under construction, its operands as expressions, and the proved bounds. */
export interface Lowering {
  readonly system: SystemBuilder;
  readonly graph: QGraph;
  readonly ranges: readonly Range[];
  readonly hints: Hint[];
  /** Id of the node being lowered. */
  readonly id: number;
  readonly operands: readonly WireTensor[];
  /** First wire of an input's elements. */
  inputWire(name: string): number;
  /** An origin for rows and wires of a gadget of this node. */
  origin(gadget: string): number;
}

/** Lowers one kind of integer node to rows and returns its elements as expressions. */
export type Lower<K extends QKind> = (context: Lowering, node: Extract<QNode, { kind: K }>) => WireTensor;

/** Fresh wires that carry the node's own values. */
export function valueWires(context: Lowering, origin: number): { readonly first: number; readonly tensor: WireTensor } {
  const size = context.ranges[context.id].lo.length;
  const first = context.system.allocateWires(size, origin);
  context.hints.push({ kind: 'copy', node: context.id, first });
  return { first, tensor: wires(first, size) };
}

/** A row wire·(wire − 1) = 0, written wire·wire = wire: two coefficients on the key's side instead of three. */
export function constrainBoolean({ system }: Lowering, wire: number, origin: number): void {
  system.a.add(wire, 1);
  system.b.add(wire, 1);
  system.c.add(wire, 1);
  system.closeRow(origin);
}

export class UnprovableNodeError extends VouchError {
  override readonly name = 'UnprovableNodeError';
  constructor(node: QNode) {
    super(`${node.origin.op} "${node.origin.node}" can be computed in integers but not proved yet`, {
      metaMessages: [`its primitive "${node.kind}" has no gadget in this version`],
    });
  }
}
