import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { randomScalar } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian, writeLittleEndian } from '../field/bytes.ts';
import type { Fp2, G1Point, Groth16Proof } from '../verify/types.ts';
import type { Addon, Control, KeyHandle } from './addon.ts';
import type { Kernel, ProveRequest, ProveResult } from './contract.ts';
import { NativeKernelError, STATUS } from './native-status.ts';
import { publicValues, witnessValues } from './witness-values.ts';

export interface NativeKernelOptions {
  /** Name of one of the addon's kernels; by default the fastest for this processor. */
  readonly variant?: string;
  /** By default as many as the machine runs at once. */
  readonly threads?: number;
}

/**
 * The native kernel. Keys stay open until `close`: one given as a path is mapped into memory, not copied, and shared by
 * all kernels of the process, so the file must not be truncated meanwhile (replacing it by renaming is fine).
 */
export function createNativeKernel(
  addon: Addon,
  { variant = addon.kernels()[0], threads = availableParallelism() }: NativeKernelOptions = {},
): Kernel {
  const byPath = new Map<string, Promise<KeyHandle>>();
  let byBytes = new WeakMap<Uint8Array, Promise<KeyHandle>>();

  const open = async ({ provingKey, signal }: ProveRequest): Promise<KeyHandle> => {
    if (typeof provingKey !== 'string') {
      return remember(byBytes, provingKey, () => openKey(provingKey, '', signal));
    }
    const { dev, ino, size, mtimeNs } = await stat(provingKey, { bigint: true });
    const identity = [dev, ino, size, mtimeNs].join(':');
    return remember(byPath, identity, () => openKey(provingKey, identity, signal));
  };
  const openKey = (source: string | Uint8Array, identity: string, signal: AbortSignal | undefined) =>
    runControlled({ signal }, (control) => addon.openKey(variant, threads, source, identity, control));

  return {
    name: `native-${variant}`,
    async prove(request) {
      const values = witnessValues(request.witness);
      const key = await open(request);
      const [, publicSignals] = addon.describeKey(key);
      const proof = await runControlled(request, (control) =>
        addon.prove(key, threads, values, drawBlinding(), control),
      );
      return { proof: decodeProof(proof), publicSignals: publicValues(values, publicSignals) } satisfies ProveResult;
    },
    async close() {
      byPath.clear();
      byBytes = new WeakMap();
    },
  };
}

interface KeyCache<K> {
  get(name: K): Promise<KeyHandle> | undefined;
  set(name: K, key: Promise<KeyHandle>): unknown;
  delete(name: K): boolean;
}

/** The open key, opening it at most once at a time; one that failed to open may be tried again. */
function remember<K>(keys: KeyCache<K>, name: K, open: () => Promise<KeyHandle>): Promise<KeyHandle> {
  let key = keys.get(name);
  if (key === undefined) {
    key = open();
    keys.set(name, key);
    key.catch(() => keys.delete(name));
  }
  return key;
}

interface Controls {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * The addon works on libuv's few threads, which also serve the file system, and its pool takes one call at a time
 * anyway: calls wait for each other here instead of there.
 */
let last: Promise<unknown> = Promise.resolve();

async function runControlled<T extends object>(
  { signal, onProgress }: Controls,
  call: (control: Control) => Promise<T | number>,
): Promise<T> {
  const before = last;
  let done = () => {};
  last = new Promise<void>((resolve) => {
    done = resolve;
  });
  await before;
  const control: Control = new Uint32Array(2);
  const cancel = () => Atomics.store(control, 0, 1);
  const timer =
    onProgress === undefined ? undefined : setInterval(() => onProgress(Atomics.load(control, 1) / 1000), PROGRESS_MS);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', cancel, { once: true });
    const result = await call(control);
    if (result === STATUS.cancelled) signal?.throwIfAborted();
    if (typeof result === 'number') throw new NativeKernelError(result);
    onProgress?.(1);
    return result;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
    done();
  }
}

const PROGRESS_MS = 50;

/** The two scalars that make a proof reveal nothing but its statement. */
function drawBlinding(): Uint8Array {
  const bytes = new Uint8Array(2 * FIELD_BYTES);
  writeLittleEndian(bytes, 0, randomScalar());
  writeLittleEndian(bytes, FIELD_BYTES, randomScalar());
  return bytes;
}

function decodeProof(bytes: Uint8Array): Groth16Proof {
  const [ax, ay, bx0, bx1, by0, by1, cx, cy] = Array.from({ length: 8 }, (_, i) =>
    readLittleEndian(bytes, FIELD_BYTES * i),
  );
  const a: G1Point = [ax, ay];
  const [x, y]: [Fp2, Fp2] = [
    [bx0, bx1],
    [by0, by1],
  ];
  return { a, b: [x, y], c: [cx, cy] };
}
