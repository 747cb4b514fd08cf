import type { QGraph, QKind, QNode, Range } from '../quant/qgraph.ts';

/** What the circom text of one node is made from. */
export interface Emission<N extends QNode = QNode> {
  readonly graph: QGraph;
  readonly node: N;
  /** Proved bounds of the node itself. */
  readonly own: Range;
  /** Name of the node's signal array; every element gets exactly one assignment. */
  readonly name: string;
  readonly operands: readonly Operand[];
  /** Components that select the first k of a row, by what they select from and how. */
  readonly selections: Map<string, string>;
}

/** A signal array and its proved bounds. */
export interface Operand {
  readonly name: string;
  readonly range: Range;
}

/** Statements that assign the node's signals and constrain them. */
export type Emit<K extends QKind> = (emission: Emission<Extract<QNode, { kind: K }>>) => string[];

/** The indices below `size` that satisfy a test. */
export function indices(size: number, test: (i: number) => boolean): number[] {
  return Array.from({ length: size }, (_, i) => i).filter(test);
}

/** Whether bounds leave one value. */
export const isKnown = ({ lo, hi }: Range, i: number): boolean => lo[i] === hi[i];
