import { VouchError } from '../../errors.ts';
import type { QGraph, QKind, QNode, Range } from '../../quant/qgraph.ts';
import type { SystemBuilder } from '../builder.ts';
import type { HintList } from '../hints.ts';
import type { Selection } from '../selector.ts';
import type { Quantity, WireTensor } from '../wire-tensor.ts';

/** What a lowering may use: the rows under construction, its operands as expressions, and the proved bounds. */
export interface Lowering {
  readonly system: SystemBuilder;
  readonly hints: HintList;
  readonly graph: QGraph;
  readonly ranges: readonly Range[];
  /** Id of the node being lowered; its values are the hint column of that number. */
  readonly id: number;
  readonly node: QNode;
  readonly operands: readonly Quantity[];
  /** First wire of an input's elements. */
  inputWire(name: string): number;
  /** An origin for rows and wires of a gadget of this node. */
  origin(gadget: string): number;
  /** Top-k selections made so far, by `selectionKey`. */
  readonly selections: Map<string, Selection>;
}

/** Lowers one kind of integer node to rows and returns its elements as expressions. */
export type Lower<K extends QKind> = (context: Lowering, node: Extract<QNode, { kind: K }>) => WireTensor;

/** The proved bounds of operand `index`. */
export function rangeOfOperand({ ranges, node }: Lowering, index: number): Range {
  return ranges[node.inputs[index]];
}

/** A node whose integers this circuit cannot prove. */
export class UnprovableNodeError extends VouchError {
  override readonly name = 'R1cs.UnprovableNodeError';
  constructor({ origin, kind }: QNode, reason: string, fix: string) {
    super(`${origin.op} "${origin.node}" can be computed in integers but not proved`, {
      metaMessages: [`its ${kind}: ${reason}`, fix],
    });
  }
}
