import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Kernel, ProveRequest } from './contract.ts';
import { identifyKeyFile } from './key-file.ts';
import { decodeProof, drawBlinding } from './proof-bytes.ts';
import { threadCount } from './thread-count.ts';
import { chooseWasmBuild, type WasmBuild } from './wasm-build.ts';
import { startLead, type WasmLead } from './wasm-calls.ts';
import { publicValues, witnessValues } from './witness-values.ts';

/** The code of one build. */
export interface WasmCode {
  readonly build: WasmBuild;
  readonly bytes: Uint8Array;
}

export interface WasmKernelOptions {
  /** By default as many as the machine runs at once. */
  readonly threads?: number;
}

/** The code for this machine, or of the build asked for, or why there is none here. */
export function loadWasmCode(build?: WasmBuild): { readonly code: WasmCode } | { readonly reason: string } {
  allowFusedMultiplyAdd();
  const chosen = chooseWasmBuild();
  if ('reason' in chosen) return chosen;
  const name = build ?? chosen.build;
  if (name === 'fma' && chosen.build !== 'fma') return { reason: 'this machine has no fused multiply-add' };
  const path = fileURLToPath(new URL(`../../native/prebuilt/wasm32/vouch-${name}.wasm`, import.meta.url));
  if (!existsSync(path)) return { reason: 'the WebAssembly kernel is not part of this installation' };
  const bytes = readFileSync(path);
  const [expected] = readFileSync(`${path}.sha256`, 'utf8').split(' ');
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== expected) return { reason: 'the WebAssembly kernel does not match its recorded digest' };
  return { code: { build: name, bytes } };
}

/** Node 20 has relaxed SIMD in its final form but switched off; later versions have it switched on. */
function allowFusedMultiplyAdd(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/**
 * The WebAssembly kernel, in threads of its own. A key is copied into memory that they share, at most 4 GiB with what
 * proving needs; the last one stays there until `close`.
 */
export function createWasmKernel({ build, bytes }: WasmCode, { threads: wanted }: WasmKernelOptions = {}): Kernel {
  const threads = threadCount(wanted);
  let lead: Promise<WasmLead> | undefined;
  let opened: { readonly source: string | Uint8Array; readonly publicSignals: number } | undefined;

  /** The threads, started when first needed and again after a failure of theirs. */
  const running = () => {
    if (lead !== undefined) return lead;
    const started = startLead(bytes, threads, () => {
      if (lead === started) lead = opened = undefined;
    });
    lead = started;
    return started;
  };

  const open = async (calls: WasmLead, { provingKey, signal }: ProveRequest): Promise<number> => {
    const file = typeof provingKey === 'string' ? await identifyKeyFile(provingKey) : undefined;
    const source = file?.identity ?? provingKey;
    if (opened?.source === source) return opened.publicSignals;
    opened = undefined;
    const size = file?.size ?? provingKey.length;
    const address = await calls.call('reserveKey', [size], { signal });
    if (typeof provingKey === 'string') await readInto(provingKey, calls.view(address, size));
    else calls.view(address, size).set(provingKey);
    const publicSignals = await calls.call('openKey', [], { signal });
    opened = { source, publicSignals };
    return publicSignals;
  };

  return {
    name: `wasm-${build}`,
    async prove(request) {
      const values = witnessValues(request.witness);
      const calls = await running();
      return await calls.alone(async () => {
        const publicSignals = await open(calls, request);
        const blinding = drawBlinding();
        const proof = await calls.call('prove', [values, blinding], request).finally(() => blinding.fill(0));
        return { proof: decodeProof(proof), publicSignals: publicValues(values, publicSignals) };
      });
    },
    async multiplyBase({ group, base, scalars }, options = {}) {
      const calls = await running();
      return await calls.alone(async () =>
        Uint8Array.from(await calls.call('multiplyBase', [group, base, scalars], options)),
      );
    },
    async multiplyPoints({ points, scalar }, options = {}) {
      const calls = await running();
      return await calls.alone(async () =>
        Uint8Array.from(await calls.call('multiplyPoints', [points, scalar], options)),
      );
    },
    async sumPoints({ group, points, scalars }, options = {}) {
      const calls = await running();
      return await calls.alone(async () =>
        Uint8Array.from(await calls.call('sumPoints', [group, points, scalars], options)),
      );
    },
    async close() {
      const ending = lead;
      lead = opened = undefined;
      await (await ending)?.end();
    },
  };
}

async function readInto(path: string, bytes: Uint8Array): Promise<void> {
  const file = await openFile(path, 'r');
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes.length));
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, bytes.length - at), at);
      // A file that became shorter is refused when the key is opened.
      if (bytesRead === 0) return;
      bytes.set(chunk.subarray(0, bytesRead), at);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

const CHUNK_BYTES = 1 << 22;
