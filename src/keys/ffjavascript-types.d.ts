// The part of ffjavascript 0.3.1 that this project calls; the package ships no types.
declare module 'ffjavascript' {
  function buildBn128(singleThread: true): Promise<{
    readonly tm: { readonly code: unknown; readonly pG1gen: number; readonly pG2gen: number };
  }>;
}
