import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { VouchError } from '../errors.ts';
import type { WasmBuild } from '../kernel/wasm-build.ts';
import { WASM_DIGESTS } from '../kernel/wasm-digests.ts';
import { download } from './download.ts';

/**
 * Fetches a build of the kernel, which must be the one that this version of the package comes with. It is hashed by the
 * page's own script: WebCrypto would be missing in pages that are not secure contexts.
 */
export async function fetchKernel(build: WasmBuild, url: URL): Promise<Uint8Array> {
  const code = await download(url, { limit: CODE_LIMIT });
  const [expected, got] = [WASM_DIGESTS[build], bytesToHex(sha256(code))];
  if (got !== expected) throw new KernelMismatchError(url, expected, got);
  return code;
}

const CODE_LIMIT = 1 << 24;

/** The WebAssembly module that was downloaded is not the one that this package was built with. */
export class KernelMismatchError extends VouchError {
  override readonly name = 'Web.KernelMismatchError';

  constructor(url: URL, expected: string, got: string) {
    super(`The kernel at ${url.href} is not this version's: expected sha256 ${expected}, got ${got}.`, {
      metaMessages: [
        'Host the two .wasm files of vouch/native/prebuilt/wasm32 from the version that the page is built with;',
        'where the bundler does not bring them along, openProver takes their directory: { kernels }.',
      ],
    });
  }
}
