import type { Scalar } from '../field/bn254.ts';
import type { Groth16Proof } from '../verify/types.ts';

/** What a kernel proves: a proving key (path or bytes of a `.zkey`) and the bytes of a `.wtns`. */
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
}

/** Many multiples of one point, the bulk of a setup. Points are affine, in Montgomery form, zeros for infinity. */
export interface BaseRequest {
  readonly group: 1 | 2;
  readonly base: Uint8Array;
  /** Canonical, 32 little-endian bytes each. */
  readonly scalars: Uint8Array;
}

/** One implementation of the arithmetic of proving. Which one ran is part of every output. */
export interface Kernel {
  readonly name: string;
  prove(request: ProveRequest): Promise<ProveResult>;
  /** The points scalarᵢ·base, for kernels that can. */
  multiplyBase?(
    request: BaseRequest,
    options?: Pick<ProveRequest, 'signal' | 'onProgress'>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the kernel's threads, so that the process can exit. */
  close(): Promise<void>;
}
