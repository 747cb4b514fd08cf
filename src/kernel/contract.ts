import type { Scalar } from '../field/bn254.ts';
import type { Groth16Proof } from '../verify/types.ts';

/**
 * What a kernel proves: a proving key (path or bytes of a `.zkey`, or of a prepared key where the kernel takes them) and the
 * bytes of a `.wtns`.
 */
export interface ProveRequest {
  /** Bytes must not change afterwards: a kernel may keep what it derived from them. */
  readonly provingKey: string | Uint8Array;
  readonly witness: Uint8Array;
  /** Ends the proof early where the kernel can; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1; kernels that cannot tell never call it. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface ProveResult {
  readonly proof: Groth16Proof;
  readonly publicSignals: readonly Scalar[];
  /** Whether the key was a prepared one. */
  readonly prepared?: boolean;
}

/** Many multiples of one point, the bulk of a setup. Points are affine, in Montgomery form, zeros for infinity. */
export interface BaseRequest {
  readonly group: 1 | 2;
  readonly base: Uint8Array;
  /** Canonical, 32 little-endian bytes each. */
  readonly scalars: Uint8Array;
}

/** One scalar's multiples of many points of G1, the bulk of a contribution to a ceremony. */
export interface PointsRequest {
  /** Affine, in Montgomery form, zeros for infinity; they must not change meanwhile. */
  readonly points: Uint8Array;
  /** Canonical, 32 little-endian bytes. */
  readonly scalar: Uint8Array;
}

/** A sum of multiples of points, the bulk of verifying many at once. */
export interface SumRequest {
  readonly group: 1 | 2;
  /** As in `PointsRequest`. */
  readonly points: Uint8Array;
  /** As many, canonical, 32 little-endian bytes each. */
  readonly scalars: Uint8Array;
}

/** One side of a circuit's rows: row i holds the terms `rowPtr[i]` … `rowPtr[i + 1] − 1`. */
export interface SideTerms {
  readonly rowPtr: Uint32Array;
  readonly wire: Uint32Array;
  /** Entries as in `FieldVector`. */
  readonly coefficient: Float64Array;
}

export interface CircuitTerms {
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly domainBits: number;
  readonly sides: readonly [a: SideTerms, b: SideTerms, c: SideTerms];
  /** What coefficients refer to. */
  readonly big: readonly Scalar[];
}

/** A circuit, and the secrets under which its polynomials are evaluated. */
export interface KeyRequest extends CircuitTerms {
  /** Outside the group of roots of unity of order 2^(domainBits + 1). */
  readonly tau: Scalar;
  readonly alpha: Scalar;
  readonly beta: Scalar;
  readonly overGamma: Scalar;
  readonly overDelta: Scalar;
}

/** Scalars of a key's points, canonical, 32 little-endian bytes each: per wire, and `h` per element of the domain. */
export interface KeyScalarBytes {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  /** (beta·A_j + alpha·B_j + C_j), divided by gamma for wire 0 and the public ones, by delta for the others. */
  readonly c: Uint8Array;
  readonly h: Uint8Array;
}

/** A `.zkey` and its circuit. */
export interface PrepareRequest {
  readonly provingKey: string | Uint8Array;
  readonly circuit: CircuitTerms;
  /** A power of two up to 16. */
  readonly multiples: number;
}

/** Points of a prepared key, affine in Montgomery form: one of C for each wire, and 2^(256 / multiples · k)·H by k. */
export interface PreparedPoints {
  readonly c: Uint8Array;
  readonly h: Uint8Array;
}

/** One implementation of the arithmetic of proving. Which one ran is part of every output. */
export interface Kernel {
  readonly name: string;
  /** Whether `prove` takes prepared keys. */
  readonly takesPrepared?: boolean;
  prove(request: ProveRequest): Promise<ProveResult>;
  /** The points scalarᵢ·base, for kernels that can. */
  multiplyBase?(
    request: BaseRequest,
    options?: Pick<ProveRequest, 'signal' | 'onProgress'>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The points scalar·pointᵢ, for kernels that can. */
  multiplyPoints?(
    request: PointsRequest,
    options?: Pick<ProveRequest, 'signal' | 'onProgress'>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The point Σ scalarᵢ·pointᵢ, for kernels that can. */
  sumPoints?(
    request: SumRequest,
    options?: Pick<ProveRequest, 'signal' | 'onProgress'>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The scalars of a development key, for kernels that can. The arrays of the request must not change meanwhile. */
  evaluateKey?(request: KeyRequest, options?: Pick<ProveRequest, 'signal' | 'onProgress'>): Promise<KeyScalarBytes>;
  /** The points of a prepared key, for kernels that can. The arrays of the circuit must not change meanwhile. */
  preparePoints?(
    request: PrepareRequest,
    options?: Pick<ProveRequest, 'signal' | 'onProgress'>,
  ): Promise<PreparedPoints>;
  /** Ends the kernel's threads, so that the process can exit. */
  close(): Promise<void>;
}
