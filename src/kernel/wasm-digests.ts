import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: 'b1c6ca41fbca044026ea24cdba2456c9d4ab509b729815ca2517ca07fd1f21e9',
  simd: '375f918ec16c71e91b902a720e862335899833e53341609afc822881bc518de1',
};
