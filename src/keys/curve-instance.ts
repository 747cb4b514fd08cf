import { InternalError } from '../errors.ts';
import type { Scalar } from '../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../field/bytes.ts';

/** Functions take addresses in the instance's memory; field elements there are in Montgomery form. */
export type WasmFunction = (...addresses: number[]) => number;

/** A single-threaded instance with a memory of its own. */
export interface CurveInstance {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  /** The exported function of this name. */
  call(name: string): WasmFunction;
  /** `size` bytes at a multiple of 64; never freed. */
  allocate(size: number): number;
}

/**
 * Starts an instance that can hold `size` bytes of allocations. The batch functions write beyond everything
 * allocated, as much again as their input; `scratch` bytes are kept for that.
 */
export async function startCurve(code: Uint8Array, size: number, scratch: number): Promise<CurveInstance> {
  const pages = Math.ceil((size + scratch) / PAGE_BYTES) + RESERVED_PAGES;
  if (pages > MAX_PAGES) throw new InternalError(`A WebAssembly memory of ${pages} pages does not exist.`);
  const memory = new WebAssembly.Memory({ initial: pages });
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(code), { env: { memory } });
  const words = new Uint32Array(memory.buffer);
  const end = memory.buffer.byteLength - scratch;
  return {
    words,
    bytes: new Uint8Array(memory.buffer),
    call: (name) => {
      const exported = instance.exports[name];
      if (typeof exported !== 'function') throw new InternalError(`The curve code has no function ${name}.`);
      return exported;
    },
    allocate: (bytes) => {
      const address = (words[0] + 63) & ~63;
      if (address + bytes > end) throw new InternalError(`The curve instance has no ${bytes} bytes left.`);
      // Word 0 is the allocator's pointer inside the code too.
      words[0] = address + bytes;
      return address;
    },
  };
}

/** Stores an element in canonical form. */
export function storeScalar({ bytes }: CurveInstance, address: number, value: Scalar): void {
  writeLittleEndian(bytes.subarray(address, address + FIELD_BYTES), 0, value);
}

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
const RESERVED_PAGES = 32;
