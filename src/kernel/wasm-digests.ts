import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: '1415f8308ba19dfa95f952c75e81797d88e852212c8e51abfe3710e7dcc4fe45',
  simd: 'e77924729f3f36b059a61ebbbaa8c5bdbc3f0458ecdf98b9c7111dc1ad78be7a',
};
