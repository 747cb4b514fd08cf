import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: 'b1b8eefa2991e49c5a4748aadae414e5a217cc9f77151d705a004951f1ffc894',
  simd: '3f064f876104cf338c5b20c2f59567c25852e3fa87001ba247426c68fe6dde18',
};
