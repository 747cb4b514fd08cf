import type { ColumnGrid } from './qgraph.ts';

/**
 * How many significant bits values keep, relative to the largest magnitude seen in calibration. A node's own entry
 * wins over the global setting; the search (`search.ts`) fills the entries in.
 */
export interface Precision {
  /** Bits of a requantised activation. */
  readonly activationBits: number;
  /** Bits of a constant weight. */
  readonly weightBits: number;
  /** Bits of a real input without a grid of its own. */
  readonly inputBits: number;
  /** By graph node id. */
  readonly nodes: ReadonlyMap<number, NodePrecision>;
}

export interface NodePrecision {
  readonly activationBits?: number;
  readonly weightBits?: number;
}

/** What calibration saw of one tensor. */
export interface Observed {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Where the bounds of requantised values come from: `worst-case` proves them from the input bounds, so that no input
 * in range can fail; `calibrated` enforces the observed range times `margin`.
 */
export type RangePolicy = { readonly name: 'worst-case' } | { readonly name: 'calibrated'; readonly margin: number };

/** How one input becomes integers, in the terms of `QInput`. */
export interface InputGrid {
  readonly scale: number;
  readonly zero: number;
  readonly lo: number;
  readonly bits: number;
  readonly columns?: readonly ColumnGrid[];
}
