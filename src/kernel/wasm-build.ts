/**
 * The builds of native/wasm.cpp: with fused multiply-adds of doubles (relaxed SIMD), or without. They give the same bytes;
 * the second takes about 1.4 times as long. No Node built-ins are used here.
 */
export type WasmBuild = 'fma' | 'simd';

/** The faster build that runs here, or one sentence on what is missing. */
export function chooseWasmBuild(): { readonly build: WasmBuild } | { readonly reason: string } {
  if (typeof WebAssembly === 'undefined') return { reason: 'WebAssembly is not available here' };
  if (!WebAssembly.validate(SIMD_PROBE)) return { reason: 'this machine or browser has no WebAssembly SIMD' };
  if (!WebAssembly.validate(SHARED_PROBE)) return { reason: 'this browser has no WebAssembly threads' };
  return { build: isFused() ? 'fma' : 'simd' };
}

/** Whether relaxed multiply-add exists and rounds once: a processor without it rounds the product too. */
function isFused(): boolean {
  if (!WebAssembly.validate(FUSED_PROBE)) return false;
  const { multiplyAdd } = new WebAssembly.Instance(new WebAssembly.Module(FUSED_PROBE)).exports;
  const factor = 1 + 2 ** -30;
  return multiplyAdd(factor, factor, -(1 + 2 ** -29)) === 2 ** -60;
}

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const [F64, V128] = [0x7c, 0x7b];
const SPLAT = [0xfd, 0x14];

/** (): v128, which is i8x16.popcnt of nothing in particular. */
const SIMD_PROBE = Uint8Array.from([
  ...HEAD,
  ...[1, 5, 1, 0x60, 0, 1, V128, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b],
]);

/** A shared memory and a function that fences. */
const SHARED_PROBE = Uint8Array.from([
  ...HEAD,
  ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1],
  ...[10, 7, 1, 5, 0, 0xfe, 3, 0, 0x0b],
]);

/** multiplyAdd(a, b, c: f64): f64, by f64x2.relaxed_madd. */
const FUSED_PROBE = Uint8Array.from([
  ...HEAD,
  ...[1, 8, 1, 0x60, 3, F64, F64, F64, 1, F64, 3, 2, 1, 0],
  ...[7, 15, 1, 11, ...[...'multiplyAdd'].map((letter) => letter.charCodeAt(0)), 0, 0],
  ...[10, 22, 1, 20, 0],
  ...[0x20, 0, ...SPLAT, 0x20, 1, ...SPLAT, 0x20, 2, ...SPLAT],
  ...[0xfd, 0x87, 0x02, 0xfd, 0x21, 0, 0x0b],
]);
