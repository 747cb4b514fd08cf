import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A proving key in native memory; it is freed when JavaScript no longer holds it. */
export type KeyHandle = object & { readonly brand?: 'KeyHandle' };

/** Two words: [0] is set to 1 to cancel, [1] holds the progress in thousandths. */
export type Control = Uint32Array<ArrayBuffer>;

/** Sizes, big elements, and the arrays of the three sides: `KeyCircuit` in the order that the addon reads. */
export type CircuitArrays = readonly (Uint32Array | Uint8Array | Float64Array)[];

/**
 * The functions of native/addon.cpp. Promises resolve to a status (`NativeKernelError`), 0 where all went well; results go
 * into the arrays that are passed for them.
 */
export interface Addon {
  /** Names of the kernels that this processor runs, the fastest first. */
  kernels(): string[];
  /** What the processor lacks to run a kernel, for messages; undefined where there is no kernel of this name. */
  lacking(kernel: string): string[] | undefined;
  openKey(
    kernel: string,
    threads: number,
    source: string | Uint8Array,
    identity: string,
    control: Control,
  ): Promise<KeyHandle | number>;
  describeKey(key: KeyHandle): [wires: number, publicSignals: number, prepared: 0 | 1];
  prove(
    key: KeyHandle,
    threads: number,
    witness: Uint8Array,
    blinding: Uint8Array,
    proof: Uint8Array,
    control: Control,
  ): Promise<number>;
  multiplyBase(
    kernel: string,
    threads: number,
    group: 1 | 2,
    base: Uint8Array,
    scalars: Uint8Array,
    points: Uint8Array,
    control: Control,
  ): Promise<number>;
  /** `out` may be `points`. */
  multiplyPoints(
    kernel: string,
    threads: number,
    points: Uint8Array,
    scalar: Uint8Array,
    out: Uint8Array,
    control: Control,
  ): Promise<number>;
  sumPoints(
    kernel: string,
    threads: number,
    group: 1 | 2,
    points: Uint8Array,
    scalars: Uint8Array,
    out: Uint8Array,
    control: Control,
  ): Promise<number>;
  evaluateKey(
    kernel: string,
    threads: number,
    circuit: CircuitArrays,
    secrets: Uint8Array,
    result: readonly [a: Uint8Array, b: Uint8Array, c: Uint8Array, h: Uint8Array],
    control: Control,
  ): Promise<number>;
  preparePoints(
    key: KeyHandle,
    threads: number,
    circuit: CircuitArrays,
    multiples: number,
    result: readonly [c: Uint8Array, h: Uint8Array],
    control: Control,
  ): Promise<number>;
  sum(
    kernel: string,
    threads: number,
    group: 1 | 2,
    points: Uint8Array,
    scalars: Uint8Array,
    window: number,
    out: Uint8Array,
  ): number;
  transform(kernel: string, threads: number, values: Uint8Array): number;
}

/** The addon, or why there is none here. */
export type AddonOrReason = { readonly addon: Addon } | { readonly reason: string };

let loaded: AddonOrReason | undefined;

/** Loads the addon built for this platform, once, after comparing it with its recorded digest. */
export function loadAddon(): AddonOrReason {
  loaded ??= load();
  return loaded;
}

function load(): AddonOrReason {
  const target = `${process.platform}-${process.arch}`;
  const path = fileURLToPath(new URL(`../../native/prebuilt/${target}/vouch.node`, import.meta.url));
  if (!existsSync(path)) return { reason: `no native kernel is built for ${target}` };
  const expected = readFileSync(`${path}.sha256`, 'utf8').split(' ')[0];
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (digest !== expected) return { reason: `the native kernel for ${target} does not match its recorded digest` };
  return loadAddonFrom(path);
}

/** Loads the addon in a file as it is. */
export function loadAddonFrom(path: string): AddonOrReason {
  try {
    const module: unknown = createRequire(import.meta.url)(path);
    return isAddon(module) ? { addon: module } : { reason: `the native kernel ${path} lacks functions` };
  } catch (cause) {
    return { reason: `the native kernel ${path} does not load: ${cause instanceof Error ? cause.message : cause}` };
  }
}

const FUNCTIONS = [
  'kernels',
  'lacking',
  'openKey',
  'describeKey',
  'prove',
  'multiplyBase',
  'multiplyPoints',
  'sumPoints',
  'evaluateKey',
  'preparePoints',
  'sum',
  'transform',
];

function isAddon(module: unknown): module is Addon {
  if (typeof module !== 'object' || module === null) return false;
  return FUNCTIONS.every((name) => typeof Reflect.get(module, name) === 'function');
}
