import { VouchError } from '../errors.ts';
import { FIELD_BYTES } from '../field/bytes.ts';
import type { Addon, KeyHandle } from './addon.ts';
import type { Kernel, ProveRequest, ProveResult } from './contract.ts';
import { circuitArrays, secretBytes } from './key-arrays.ts';
import { identifyKeyFile } from './key-file.ts';
import { callAddon, filled } from './native-call.ts';
import { decodeProof, drawBlinding, PROOF_BYTES } from './proof-bytes.ts';
import { allocateBytes } from './room.ts';
import { threadCount } from './thread-count.ts';
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
  { variant = addon.kernels()[0], threads: wanted }: NativeKernelOptions = {},
): Kernel {
  const threads = threadCount(wanted);
  const reason = whyUnavailable(addon, variant);
  if (reason !== undefined) throw new VariantUnavailableError(variant, reason);
  const byPath = new Map<string, Promise<KeyHandle>>();
  let byBytes = new WeakMap<Uint8Array, Promise<KeyHandle>>();

  const open = async ({ provingKey, signal }: Pick<ProveRequest, 'provingKey' | 'signal'>): Promise<KeyHandle> => {
    if (typeof provingKey !== 'string') {
      return remember(byBytes, provingKey, () => openKey(provingKey, '', signal));
    }
    const { identity } = await identifyKeyFile(provingKey);
    return remember(byPath, identity, () => openKey(provingKey, identity, signal));
  };
  const openKey = (source: string | Uint8Array, identity: string, signal: AbortSignal | undefined) =>
    callAddon({ signal }, (control) => addon.openKey(variant, threads, source, identity, control));

  return {
    name: `native-${variant}`,
    takesPrepared: true,
    async prove(request) {
      const values = witnessValues(request.witness);
      const key = await open(request);
      const [, publicSignals, prepared] = addon.describeKey(key);
      const proof = await callAddon(request, (control) => {
        const [blinding, proof] = [drawBlinding(), new Uint8Array(PROOF_BYTES)];
        const ended = addon.prove(key, threads, values, blinding, proof, control);
        // The addon has its own copy.
        blinding.fill(0);
        return filled(proof, ended);
      });
      return {
        proof: decodeProof(proof),
        publicSignals: publicValues(values, publicSignals),
        prepared: prepared === 1,
      } satisfies ProveResult;
    },
    async multiplyBase({ group, base, scalars }, options = {}) {
      const points = allocateBytes((scalars.length / FIELD_BYTES) * base.length);
      return callAddon(options, (control) =>
        filled(points, addon.multiplyBase(variant, threads, group, base, scalars, points, control)),
      );
    },
    async multiplyPoints({ points, scalar }, options = {}) {
      const out = allocateBytes(points.length);
      return callAddon(options, (control) =>
        filled(out, addon.multiplyPoints(variant, threads, points, scalar, out, control)),
      );
    },
    async sumPoints({ group, points, scalars }, options = {}) {
      const out = new Uint8Array(POINT_BYTES * group);
      return callAddon(options, (control) =>
        filled(out, addon.sumPoints(variant, threads, group, points, scalars, out, control)),
      );
    },
    async evaluateKey(request, options = {}) {
      const [a, b, c] = Array.from({ length: 3 }, () => allocateBytes(FIELD_BYTES * request.wires));
      const h = allocateBytes(FIELD_BYTES * 2 ** request.domainBits);
      const [circuit, secrets] = [circuitArrays(request), secretBytes(request)];
      return callAddon(options, (control) =>
        filled({ a, b, c, h }, addon.evaluateKey(variant, threads, circuit, secrets, [a, b, c, h], control)),
      ).finally(() => secrets.fill(0));
    },
    async preparePoints({ provingKey, circuit, multiples }, options = {}) {
      const c = allocateBytes(POINT_BYTES * circuit.wires);
      const h = allocateBytes(POINT_BYTES * multiples * 2 ** circuit.domainBits);
      const key = await open({ provingKey, signal: options.signal });
      const arrays = circuitArrays(circuit);
      return callAddon(options, (control) =>
        filled({ c, h }, addon.preparePoints(key, threads, arrays, multiples, [c, h], control)),
      );
    },
    async close() {
      byPath.clear();
      byBytes = new WeakMap();
    },
  };
}

/** Bytes of an affine point of G1; twice as many for G2. */
const POINT_BYTES = 2 * FIELD_BYTES;

/** Why this processor cannot run a variant of the native kernel; undefined where it can. */
export function whyUnavailable(addon: Addon, variant: string): string | undefined {
  const lacking = addon.lacking(variant);
  if (lacking === undefined) return `the native kernel has no variant "${variant}" here`;
  return lacking.length === 0 ? undefined : `the kernel ${variant} needs ${lacking.join(', ')}, missing here`;
}

interface KeyCache<K> {
  get(name: K): Promise<KeyHandle> | undefined;
  set(name: K, key: Promise<KeyHandle>): unknown;
  delete(name: K): boolean;
}

/**
 * The open key, opening it at most once at a time. Where another caller opens it and fails, perhaps because that caller
 * cancels, it is opened again: one caller's end must not be another's.
 */
async function remember<K>(keys: KeyCache<K>, name: K, open: () => Promise<KeyHandle>): Promise<KeyHandle> {
  for (let known = keys.get(name); known !== undefined; known = keys.get(name)) {
    const key = await known.catch(() => undefined);
    if (key !== undefined) return key;
  }
  const key = open();
  keys.set(name, key);
  key.catch(() => keys.delete(name));
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
