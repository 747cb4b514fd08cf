import type { Scalar } from '../field/bn254.ts';

/** One side of the rows in compressed form: row i holds the terms `rowPtr[i]` … `rowPtr[i + 1] − 1`. */
export interface Matrix {
  readonly rowPtr: Uint32Array;
  readonly wire: Uint32Array;
  /** Never zero; an entry as in `FieldVector`, referring to `System.big`. */
  readonly coefficient: Float64Array;
}

/** Where a row or a wire comes from. */
export interface Origin {
  /** Name of the ONNX node, or of the part of the circuit that no node stands for. */
  readonly node: string;
  readonly op: string;
  readonly gadget: string;
}

/** Sizes of the leading wire ranges: wires are [1, outputs…, public inputs…, private inputs…, the rest]. */
export interface Interface {
  readonly outputs: number;
  readonly publicInputs: number;
  readonly privateInputs: number;
}

/** Rank-1 constraints (A·w)(B·w) = C·w over BN254's scalar field, with w₀ = 1. */
export interface System extends Interface {
  readonly rows: number;
  readonly wires: number;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly big: readonly Scalar[];
  readonly origins: readonly Origin[];
  /** Index into `origins` of each row. */
  readonly rowOrigin: Uint32Array;
  /** Wires from `wireStart[i]` to the next start belong to `origins[wireOrigin[i]]`. */
  readonly wireStart: Uint32Array;
  readonly wireOrigin: Uint32Array;
}

/** Number of signals that a verifier sees. */
export function publicCount(system: Interface): number {
  return system.outputs + system.publicInputs;
}

/** The origin of a wire, found by bisection. */
export function originOfWire(system: System, wire: number): Origin {
  let low = 0;
  let high = system.wireStart.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (system.wireStart[middle] <= wire) low = middle;
    else high = middle - 1;
  }
  return system.origins[system.wireOrigin[low]];
}
