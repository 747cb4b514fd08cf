import type { Packing } from './packing.ts';

/**
 * How wires get their values, as data. Columns are arrays of integers: first the values of the quantised graph's nodes,
 * in order, then one column per derivation. Placements copy columns into wires. Solving runs the list over typed arrays;
 * nothing in it is trusted, because rows force every wire.
 */
export type Hint = Derivation | Placement;

/** Each appends one column. */
export type Derivation =
  | CombineHint
  | GatherHint
  | ProductHint
  | SignHint
  | ZeroHint
  | QuotientHint
  | LookupHint
  | TakeHint
  | RankHint
  | OrderHint;

export type Placement = CopyHint | BitsHint | InverseHint | PackHint | CommitHint;

/** constant + Σ coefficient·column, element by element. */
export interface CombineHint {
  readonly kind: 'combine';
  readonly terms: readonly { readonly column: number; readonly coefficient: number }[];
  /** One number for all elements, or one each. */
  readonly constant: number | Float64Array;
  readonly size: number;
}

/** Elements of the concatenated columns; 0 where the index is −1. */
export interface GatherHint {
  readonly kind: 'gather';
  readonly columns: readonly number[];
  readonly index: Int32Array;
}

export interface ProductHint {
  readonly kind: 'product';
  readonly left: number;
  readonly right: number;
}

/** 1 where the column is not negative, else 0. */
export interface SignHint {
  readonly kind: 'sign';
  readonly column: number;
}

/** 1 where the column is 0, else 0. */
export interface ZeroHint {
  readonly kind: 'zero';
  readonly column: number;
}

/** floor(column / divisor). */
export interface QuotientHint {
  readonly kind: 'quotient';
  readonly column: number;
  readonly divisor: number;
}

/** table[column]. */
export interface LookupHint {
  readonly kind: 'lookup';
  readonly column: number;
  readonly table: Float64Array;
}

/** Element index[i] of a column, where the index is a column itself. */
export interface TakeHint {
  readonly kind: 'take';
  readonly column: number;
  readonly index: number;
}

/** The largest j with bounds[j] ≤ column; bounds increase, the first is below all values. */
export interface RankHint {
  readonly kind: 'rank';
  readonly column: number;
  readonly bounds: Float64Array;
}

/** Indices of the k first elements of each row, in the order that the integer interpreter gives them. */
export interface OrderHint {
  readonly kind: 'order';
  readonly column: number;
  readonly rows: number;
  readonly length: number;
  readonly k: number;
  readonly largest: boolean;
}

/** A column onto consecutive wires. */
export interface CopyHint {
  readonly kind: 'copy';
  readonly column: number;
  readonly first: number;
}

/** Bits `from` to `widths[i]` − 1 of column + offset onto consecutive wires, element after element. */
export interface BitsHint {
  readonly kind: 'bits';
  readonly column: number;
  readonly first: number;
  readonly from: number;
  readonly offset: Float64Array;
  readonly widths: Uint8Array;
}

/** 1 / column in the field, or 0 where the column is 0, onto consecutive wires. */
export interface InverseHint {
  readonly kind: 'inverse';
  readonly column: number;
  readonly first: number;
}

/** All words of a tensor onto consecutive wires. */
export interface PackHint {
  readonly kind: 'pack';
  readonly column: number;
  readonly first: number;
  readonly packing: Packing;
}

/** The commitment to a tensor, and what the rows of `constrainCommitment` need beside it from wire `first` on. */
export interface CommitHint {
  readonly kind: 'commit';
  readonly column: number;
  readonly packing: Packing;
  readonly first: number;
  readonly salt: number;
  readonly commitment: number;
}

export interface HintProgram {
  readonly wires: number;
  /** Wire of the binding signal. */
  readonly binding: number;
  /** Wire that holds the square of the binding. */
  readonly bindingSquare: number;
  /** Wires of the salts, one per hashed tensor. */
  readonly salts: readonly number[];
  readonly hints: readonly Hint[];
}

/** Collects hints while a circuit is lowered; derivations are numbered as columns after the graph's nodes. */
export class HintList {
  readonly hints: Hint[] = [];
  #columns: number;

  constructor(nodes: number) {
    this.#columns = nodes;
  }

  /** Appends a derivation and returns its column. */
  derive(hint: Derivation): number {
    this.hints.push(hint);
    return this.#columns++;
  }

  place(hint: Placement): void {
    this.hints.push(hint);
  }
}
