import { InternalError } from '../errors.ts';
import { NativeKernelError } from './native-status.ts';

/** The WebAssembly kernel in a memory of its own. It works on the calling thread. No Node built-ins are used here. */
export interface WasmModule {
  /** A function of native/wasm.cpp whose result is a status; throws what a status other than 0 means. */
  call(name: string, ...values: number[]): void;
  /** A function that returns a number. */
  ask(name: string, ...values: number[]): number;
  /** Room for `size` bytes; throws where memory is short. */
  allocate(size: number): number;
  release(address: number, size: number): void;
  /** A view of memory; calls may grow it, after which the view is of no use. */
  view(address: number, size: number): Uint8Array;
}

export async function startWasm(code: Uint8Array): Promise<WasmModule> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(code), {});
  const { memory } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new InternalError('The WebAssembly kernel exports no memory.');
  const ask = (name: string, ...values: number[]): number => {
    const exported = instance.exports[name];
    if (typeof exported !== 'function') throw new InternalError(`The WebAssembly kernel has no function ${name}.`);
    return Number(exported(...values)) >>> 0;
  };
  return {
    ask,
    call(name, ...values) {
      const status = ask(name, ...values) | 0;
      if (status !== 0) throw new NativeKernelError(status);
    },
    allocate(size) {
      const address = ask('allocate', size);
      if (address === 0) throw new NativeKernelError(OUT_OF_MEMORY);
      return address;
    },
    release: (address, size) => void ask('release', address, size),
    view: (address, size) => new Uint8Array(memory.buffer, address, size),
  };
}

const OUT_OF_MEMORY = 1;

/** Copies the bytes into the module's memory while `work` runs. */
export function withBytes<T>(wasm: WasmModule, parts: readonly Uint8Array[], work: (...addresses: number[]) => T): T {
  const copies = parts.map((bytes) => {
    const address = wasm.allocate(bytes.length);
    wasm.view(address, bytes.length).set(bytes);
    return { address, size: bytes.length };
  });
  try {
    return work(...copies.map(({ address }) => address));
  } finally {
    for (const { address, size } of copies) wasm.release(address, size);
  }
}
