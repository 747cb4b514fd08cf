import { VouchError } from '../errors.ts';
import { loadAddon } from './addon.ts';
import type { Kernel } from './contract.ts';
import { createNativeKernel, whyUnavailable } from './native.ts';
import { createSnarkjsKernel } from './snarkjs.ts';
import { createWasmKernel, loadWasmCode } from './wasm.ts';

/** Variants of the native kernel, from the fastest to the slowest. */
const NATIVE = ['native-ifma', 'native-adx', 'native-portable'] as const;
/** What is tried where no kernel is asked for, in this order. */
const AUTOMATIC = [...NATIVE, 'wasm', 'snarkjs'] as const;
/** What can be asked for; `native` takes its fastest variant that the processor runs. */
export const KERNELS = ['native', 'wasm', 'snarkjs', ...NATIVE] as const;
export type KernelName = (typeof KERNELS)[number];

export interface KernelOptions {
  /** Only this kernel; by default what the environment variable VOUCH_KERNEL says, else the fastest that works here. */
  readonly kernel?: KernelName | undefined;
  readonly threads?: number;
}

/** A kernel, and why faster ones were passed over. */
export interface ChosenKernel {
  readonly kernel: Kernel;
  readonly passedOver: readonly string[];
}

/** Creates the kernel asked for, or the fastest that works here. Throws when the one asked for does not. */
export function chooseKernel({ kernel, ...options }: KernelOptions = {}): ChosenKernel {
  const wanted = kernel ?? fromEnvironment();
  const passedOver = new Set<string>();
  for (const name of candidates(wanted)) {
    const created = createKernel(name, options);
    if (typeof created !== 'string') return { kernel: created, passedOver: [...passedOver] };
    passedOver.add(created);
  }
  throw new KernelUnavailableError(wanted ?? AUTOMATIC.join(', '), [...passedOver]);
}

function candidates(wanted: KernelName | undefined): readonly Exclude<KernelName, 'native'>[] {
  if (wanted === undefined) return AUTOMATIC;
  return wanted === 'native' ? NATIVE : [wanted];
}

/** The kernel's name, from an option or the environment. */
export function parseKernelName(text: string): KernelName {
  const name = KERNELS.find((kernel) => kernel === text);
  if (name === undefined) throw new KernelUnavailableError(text, [`the kernels are ${KERNELS.join(', ')}`]);
  return name;
}

function fromEnvironment(): KernelName | undefined {
  const { VOUCH_KERNEL: text } = process.env;
  return text === undefined || text === '' ? undefined : parseKernelName(text);
}

/** The kernel, or why there is none of this name. */
function createKernel(
  name: Exclude<KernelName, 'native'>,
  { threads }: Omit<KernelOptions, 'kernel'>,
): Kernel | string {
  switch (name) {
    case 'wasm': {
      const loaded = loadWasmCode();
      return 'reason' in loaded
        ? loaded.reason
        : createWasmKernel(loaded.code, threads === undefined ? {} : { threads });
    }
    case 'snarkjs':
      return createSnarkjsKernel();
    default: {
      const loaded = loadAddon();
      if ('reason' in loaded) return loaded.reason;
      const variant = name.slice('native-'.length);
      const reason = whyUnavailable(loaded.addon, variant);
      return reason ?? createNativeKernel(loaded.addon, { variant, ...(threads !== undefined && { threads }) });
    }
  }
}

/** The kernel asked for does not exist or does not work on this machine. */
export class KernelUnavailableError extends VouchError {
  override readonly name = 'Kernel.KernelUnavailableError';

  constructor(wanted: string, reasons: readonly string[]) {
    super(`There is no kernel "${wanted}" here.`, {
      metaMessages: [...reasons, 'Leave out --kernel and VOUCH_KERNEL to use the fastest that works.'],
    });
  }
}
