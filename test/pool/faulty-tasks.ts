import { setTimeout as sleep } from 'node:timers/promises';
import { VouchError } from '../../src/errors.ts';
import type { Control } from '../../src/pool/control.ts';
import type { Tasks } from '../../src/pool/task-module.ts';

export interface Numbered {
  readonly id: number;
}

/** Work that goes wrong in every way a worker can. */
export function createTasks(setup: unknown): Tasks {
  return {
    echo: ({ id }: Numbered) => ({ id, setup }),
    refuse: ({ id }: Numbered) => {
      throw new VouchError(`job ${id} is refused`, { metaMessages: ['on purpose'] });
    },
    stumble: () => {
      throw new TypeError('a bug');
    },
    exit: () => process.exit(3),
    /** Ends the worker on the first attempt only. */
    exitOnce: ({ id, seen }: Numbered & { readonly seen: Int32Array }) => {
      if (Atomics.add(seen, 0, 1) === 0) process.exit(4);
      return { id, setup };
    },
    throwLater: async () => {
      setTimeout(() => {
        throw new Error('nobody waits for this');
      });
      await sleep(10_000);
    },
    fillHeap: () => {
      const kept: number[][] = [];
      for (;;) kept.push(new Array<number>(100_000).fill(0.5));
    },
    fillBuffers: async () => {
      const kept: Uint8Array[] = [];
      for (;;) {
        kept.push(new Uint8Array(2 ** 25).fill(1));
        await sleep(20);
      }
    },
    /** Never looks at anything. */
    spin: () => {
      for (;;);
    },
    /** Stops when it is asked to. */
    wait: async (_: Numbered, control: Control) => {
      for (;;) {
        control.check();
        await sleep(5);
      }
    },
    /** A native call that blocks its thread, as onnxruntime does, until the cell is no longer 1. */
    native: ({ id, cell }: Numbered & { readonly cell: Int32Array }, control: Control) =>
      control.native(async () => {
        Atomics.store(cell, 0, 1);
        Atomics.notify(cell, 0);
        Atomics.wait(cell, 0, 1);
        Atomics.store(cell, 0, 3);
        return { id };
      }),
    nap: async ({ id, ms }: Numbered & { readonly ms: number }) => {
      await sleep(ms);
      return { id };
    },
  };
}
