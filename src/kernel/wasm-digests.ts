import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: '05d0aa6c6f1451447743ff1c1637c2917c91d2b08c5740025f63b890a0a5ba25',
  simd: '160b23a5143a48ba3644dfbc91529eed824e4380a8b861268bd9599253ea6a37',
};
