import type { Side } from './side.ts';
import type { Quantity } from './wire-tensor.ts';

/** Which of `length` things is chosen, for every element of an index tensor. */
export interface Selector {
  readonly size: number;
  readonly length: number;
  /** Adds factor·[index = j]. */
  at(side: Side, i: number, j: number, factor: number): void;
  /** Adds factor·[index > j]. */
  above(side: Side, i: number, j: number, factor: number): void;
  /** Adds factor·[index < j]. */
  below(side: Side, i: number, j: number, factor: number): void;
  /** The chosen index. */
  readonly index: Quantity;
}

/** A selector with the values that it picks. */
export interface Selection extends Selector {
  readonly chosen: Quantity;
}
