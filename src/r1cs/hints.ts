/**
 * How wires get their values from the integer interpreter's, as data: a witness is solved by running the list over
 * typed arrays. No hint is trusted; rows force every one of them.
 */
export type Hint = CopyHint | BitsHint | PackHint;

/** wires[first + i] = values[node][i] */
export interface CopyHint {
  readonly kind: 'copy';
  readonly node: number;
  readonly first: number;
}

/**
 * Bits of t = values[node][i] + offset[i], from bit `from` on, `counts[i]` of them on consecutive wires starting at
 * `first`. Elements with count 0 have none.
 */
export interface BitsHint {
  readonly kind: 'bits';
  readonly node: number;
  readonly first: number;
  readonly from: number;
  readonly offset: Float64Array;
  readonly counts: Uint8Array;
  /** Bit that gets no wire, per element (255: none); it is then not counted in the wires. */
  readonly skip?: Uint8Array;
}

/** wires[wire] = Σ (values[node][start + j] − lo)·2^(8·bytes·(lanes − 1 − j)), j below `count`. */
export interface PackHint {
  readonly kind: 'pack';
  readonly node: number;
  readonly wire: number;
  readonly start: number;
  readonly count: number;
  readonly lanes: number;
  readonly bytes: number;
  readonly lo: number;
}

export interface HintProgram {
  readonly wires: number;
  /** Wire of the binding signal. */
  readonly binding: number;
  /** Wire that holds the square of the binding. */
  readonly bindingSquare: number;
  readonly hints: readonly Hint[];
}
