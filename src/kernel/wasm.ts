import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Kernel } from './contract.ts';
import { decodeProof, drawBlinding, PROOF_BYTES } from './proof-bytes.ts';
import { startWasm, type WasmModule, withBytes } from './wasm-module.ts';
import { publicValues, witnessValues } from './witness-values.ts';

/** The module's code, or why there is none here. */
export function loadWasmCode(): { readonly code: Uint8Array } | { readonly reason: string } {
  const path = fileURLToPath(new URL('../../native/prebuilt/wasm32/vouch.wasm', import.meta.url));
  if (!existsSync(path)) return { reason: 'the WebAssembly kernel is not part of this installation' };
  const code = readFileSync(path);
  const [expected] = readFileSync(`${path}.sha256`, 'utf8').split(' ');
  const digest = createHash('sha256').update(code).digest('hex');
  return digest === expected ? { code } : { reason: 'the WebAssembly kernel does not match its recorded digest' };
}

/**
 * The WebAssembly kernel, on the calling thread, which is busy while it proves. A key is copied into the module's
 * memory (at most 4 GiB with what proving needs); the last one given as bytes stays there until `close`.
 */
export function createWasmKernel(code: Uint8Array): Kernel {
  let opened: { readonly source: string | Uint8Array; readonly wasm: WasmModule; readonly key: number } | undefined;

  const open = async (source: string | Uint8Array) => {
    if (opened?.source === source && typeof source !== 'string') return opened;
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    opened = undefined;
    const wasm = await startWasm(code);
    const address = wasm.allocate(bytes.length);
    wasm.view(address, bytes.length).set(bytes);
    const key = withBytes(wasm, [new Uint8Array(4)], (result) => {
      wasm.call('open', address, bytes.length, result);
      return new DataView(wasm.view(result, 4).slice().buffer).getUint32(0, true);
    });
    opened = { source, wasm, key };
    return opened;
  };

  return {
    name: 'wasm',
    async prove({ provingKey, witness, signal }) {
      signal?.throwIfAborted();
      const values = witnessValues(witness);
      const { wasm, key } = await open(provingKey);
      const proof = withBytes(
        wasm,
        [values, drawBlinding(), new Uint8Array(PROOF_BYTES)],
        (witnessAt, blindingAt, proofAt) => {
          wasm.call('prove', key, witnessAt, values.length, blindingAt, proofAt);
          return wasm.view(proofAt, PROOF_BYTES).slice();
        },
      );
      signal?.throwIfAborted();
      return { proof: decodeProof(proof), publicSignals: publicValues(values, wasm.ask('publicSignalsOf', key)) };
    },
    async close() {
      opened = undefined;
    },
  };
}
