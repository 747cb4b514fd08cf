import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { VouchError } from '../errors.ts';
import type { Addon, KeyHandle } from './addon.ts';
import type { Kernel, ProveRequest, ProveResult } from './contract.ts';
import { circuitArrays, secretBytes } from './key-arrays.ts';
import { callAddon } from './native-call.ts';
import { decodeProof, drawBlinding } from './proof-bytes.ts';
import { publicValues, witnessValues } from './witness-values.ts';

export interface NativeKernelOptions {
  /** Name of one of the addon's kernels; by default the fastest for this processor. One that it cannot run throws. */
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
  const reason = whyUnavailable(addon, variant);
  if (reason !== undefined) throw new VariantUnavailableError(variant, reason);
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
    callAddon({ signal }, (control) => addon.openKey(variant, threads, source, identity, control));

  return {
    name: `native-${variant}`,
    async prove(request) {
      const values = witnessValues(request.witness);
      const key = await open(request);
      const [, publicSignals] = addon.describeKey(key);
      const proof = await callAddon(request, (control) => addon.prove(key, threads, values, drawBlinding(), control));
      return { proof: decodeProof(proof), publicSignals: publicValues(values, publicSignals) } satisfies ProveResult;
    },
    multiplyBase: ({ group, base, scalars }, options = {}) =>
      callAddon(options, (control) => addon.multiplyBase(variant, threads, group, base, scalars, control)),
    async evaluateKey(request, options = {}) {
      const [circuit, secrets] = [circuitArrays(request), secretBytes(request)];
      const [a, b, c, h] = await callAddon(options, (control) =>
        addon.evaluateKey(variant, threads, circuit, secrets, control),
      ).finally(() => secrets.fill(0));
      return { a, b, c, h };
    },
    async close() {
      byPath.clear();
      byBytes = new WeakMap();
    },
  };
}

/** Why this processor cannot run a variant of the native kernel; undefined where it can. */
export function whyUnavailable(addon: Addon, variant: string): string | undefined {
  const lacking = addon.lacking(variant);
  if (lacking === undefined) return `the native kernel has no variant "${variant}" here`;
  return lacking.length === 0 ? undefined : `the processor has no ${lacking.join(', no ')}, which ${variant} needs`;
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

/** A variant of the native kernel was asked for that is not built, or whose instructions the processor does not have. */
export class VariantUnavailableError extends VouchError {
  override readonly name = 'Kernel.VariantUnavailableError';

  constructor(variant: string, reason: string) {
    super(`The native kernel "${variant}" cannot run here: ${reason}.`, {
      metaMessages: ['Leave out the variant to use the fastest that this processor runs.'],
    });
  }
}
