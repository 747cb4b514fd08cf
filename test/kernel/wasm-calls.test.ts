import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { loadWasmCode } from '../../src/kernel/wasm.ts';
import { startLead } from '../../src/kernel/wasm-calls.ts';

/** Answers each call with the status of one that was cancelled, as a kernel does that has lost a thread. */
class LosingWorker extends EventEmitter {
  terminated = 0;

  constructor() {
    super();
    setImmediate(() => this.emit('message', { cancelWord: 64 }));
  }
  ref(): void {}
  unref(): void {}
  postMessage(): void {
    setImmediate(() => this.emit('message', { status: 2 }));
  }
  async terminate(): Promise<void> {
    this.terminated++;
    this.emit('exit', 1);
  }
}

const workers: LosingWorker[] = [];
vi.mock('../../src/kernel/start-worker.ts', () => ({
  startWorker: () => {
    const worker = new LosingWorker();
    workers.push(worker);
    return worker;
  },
}));

test('a call that ends as cancelled though nobody cancelled it ends the threads, which would wait for the lost one', async () => {
  const loaded = loadWasmCode('simd');
  if ('reason' in loaded) return expect.unreachable(loaded.reason);
  let ends = 0;
  const lead = await startLead(loaded.code.bytes, 2, () => ends++);
  await expect(lead.call('openKey', [], {})).rejects.toThrow('a thread was lost');
  expect(workers.map(({ terminated }) => terminated)).toEqual([1]);
  expect(ends).toBe(1);

  const other = await startLead(loaded.code.bytes, 2, () => ends++);
  const control = new AbortController();
  const call = other.call('openKey', [], { signal: control.signal });
  const why = new Error('enough');
  control.abort(why);
  await expect(call).rejects.toBe(why);
  expect(workers[1].terminated).toBe(0);
});
