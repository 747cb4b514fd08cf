import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: 'b811ba95bacf72c1889b3df8e838b779c1540187c7af05e1e26921dd26b8be81',
  simd: '2d8dd0dd789565f1e700be167d1beefba1c5d2c36c649fcaaa68e0ccf6a2078a',
};
