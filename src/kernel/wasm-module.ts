import { InternalError } from '../errors.ts';
import { NativeKernelError } from './native-status.ts';

/** One build and the memory that all its threads share. No Node built-ins are used here. */
export interface WasmProgram {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** What a thread other than the first is started with. */
export interface ThreadStart {
  readonly program: WasmProgram;
  /** From 1 on. */
  readonly worker: number;
  readonly stackEnd: number;
}

/** The WebAssembly kernel on the thread that leads. Calls keep this thread busy until they are done. */
export interface WasmModule {
  /** A function of native/wasm.cpp whose result is a status; throws what a status other than 0 means. */
  call(name: string, ...values: number[]): void;
  /** A function that returns a number. */
  ask(name: string, ...values: number[]): number;
  /** Room for `size` bytes; throws where memory is short. */
  allocate(size: number): number;
  /** Wipes memory and gives it back. */
  release(address: number, size: number): void;
  /** A view of memory, which is shared: what leaves the thread must be copied. */
  view(address: number, size: number): Uint8Array;
}

export async function loadProgram(code: Uint8Array): Promise<WasmProgram> {
  return { module: await WebAssembly.compile(Uint8Array.from(code)), memory: createMemory() };
}

/** Starts the instance that leads. `report` is told the progress of calls, in thousandths. */
export async function startWasm(program: WasmProgram, report: (thousandths: number) => void): Promise<WasmModule> {
  const { exports } = await instantiate(program, report);
  const ask = (name: string, ...values: number[]): number => functionOf(exports, name)(...values) >>> 0;
  return {
    ask,
    call(name, ...values) {
      const status = ask(name, ...values) | 0;
      if (status !== 0) throw new NativeKernelError(status);
    },
    allocate(size) {
      // A larger one would arrive as what is left of it in 32 bits.
      if (size >= MOST_PAGES * PAGE_BYTES) throw new NativeKernelError(OUT_OF_MEMORY);
      const address = ask('allocate', size);
      if (address === 0) throw new NativeKernelError(OUT_OF_MEMORY);
      return address;
    },
    release: (address, size) => void ask('release', address, size),
    view: (address, size) => new Uint8Array(program.memory.buffer, address, size),
  };
}

/**
 * Prepares another thread's instance, with its stack in memory that the leading thread allocated. The function returned
 * does not return.
 */
export async function prepareThread({ program, worker, stackEnd }: ThreadStart): Promise<() => void> {
  const { exports } = await instantiate(program, () => {});
  const { __stack_pointer: stackPointer }: Readonly<Record<string, unknown>> = exports;
  if (!(stackPointer instanceof WebAssembly.Global)) throw new InternalError('The WebAssembly kernel hides its stack.');
  stackPointer.value = stackEnd;
  return () => {
    try {
      functionOf(exports, 'work')(worker);
    } catch (error) {
      // The leading thread waits for this one.
      stackPointer.value = stackEnd;
      functionOf(exports, 'abandon')();
      throw error;
    }
  };
}

async function instantiate({ module, memory }: WasmProgram, report: (thousandths: number) => void) {
  return await WebAssembly.instantiate(module, { env: { memory, report } });
}

function functionOf(exports: WebAssembly.Exports, name: string): (...values: number[]) => number {
  const exported = exports[name];
  if (typeof exported !== 'function') throw new InternalError(`The WebAssembly kernel has no function ${name}.`);
  return (...values) => Number(exported(...values));
}

/** A memory that can grow as far as this machine lets it; only what is used costs anything. */
function createMemory(): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; maximum > INITIAL_PAGES; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new NativeKernelError(OUT_OF_MEMORY);
}

const OUT_OF_MEMORY = 1;
/** What native/build.sh tells the linker. */
const INITIAL_PAGES = 16;
const MOST_PAGES = 65536;
const PAGE_BYTES = 65536;

/** Copies the bytes into the module's memory while `work` runs; the module wipes what is released. */
export function withBytes<T>(wasm: WasmModule, parts: readonly Uint8Array[], work: (...addresses: number[]) => T): T {
  const copies: { readonly address: number; readonly size: number }[] = [];
  try {
    for (const bytes of parts) {
      const address = wasm.allocate(bytes.length);
      copies.push({ address, size: bytes.length });
      wasm.view(address, bytes.length).set(bytes);
    }
    return work(...copies.map(({ address }) => address));
  } finally {
    for (const { address, size } of copies) wasm.release(address, size);
  }
}
