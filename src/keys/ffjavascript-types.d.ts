// The part of ffjavascript 0.3.1 that this project calls; the package ships no types.
declare module 'ffjavascript' {
  /** Bytes, or the package's own class for long ones, whose slices are bytes where they are short enough. */
  type LongBytes = Uint8Array | { readonly byteLength: number; slice(from: number, to: number): LongBytes };
  function buildBn128(singleThread: true): Promise<{
    readonly tm: { readonly code: unknown; readonly pG1gen: number; readonly pG2gen: number };
  }>;
  /** One object for all callers in a process; snarkjs calls what its fields then hold. */
  function buildBn128(): Promise<{
    readonly G1: {
      /** The points times first, first·ratio, first·ratio², … */
      batchApplyKey(points: LongBytes, first: Uint8Array, ratio: Uint8Array): Promise<Uint8Array>;
      /** Scalars are little-endian and as long as the bytes divided by the number of points. */
      multiExpAffine(points: LongBytes, scalars: LongBytes): Promise<Uint8Array>;
    };
    readonly G2: { multiExpAffine(points: LongBytes, scalars: LongBytes): Promise<Uint8Array> };
    readonly Fr: {
      readonly one: Uint8Array;
      eq(a: Uint8Array, b: Uint8Array): boolean;
      toRprLE(out: Uint8Array, offset: number, element: Uint8Array): void;
    };
  }>;
}
