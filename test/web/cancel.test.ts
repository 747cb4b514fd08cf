import { afterEach, expect, test, vi } from 'vitest';
import { openProver } from '../../src/web/prover.ts';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const WORD = 128;
const cancelWord = () => Atomics.load(new Int32Array(memory.buffer, WORD, 1), 0);

/** Opens at once, and answers each proof when it is told to. */
class FakeWorker {
  static last: FakeWorker;
  terminated = false;
  private readonly listeners: ((event: { readonly data: unknown }) => void)[] = [];

  constructor() {
    FakeWorker.last = this;
  }
  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    if (type === 'message') this.listeners.push(listener);
  }
  postMessage({ name }: { readonly name: string }): void {
    if (name !== 'open') return;
    this.answer({ kernel: 'wasm-simd', file: {}, cancel: { memory, word: WORD } });
  }
  terminate(): void {
    this.terminated = true;
  }
  answer(result: unknown): void {
    setImmediate(() => this.listeners.forEach((listener) => void listener({ data: { result } })));
  }
}

afterEach(() => vi.unstubAllGlobals());

test('a signal that fires after its call ended cancels nothing', async () => {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('location', { href: 'http://127.0.0.1/' });
  vi.stubGlobal('crossOriginIsolated', true);
  const [opening, first, second] = [new AbortController(), new AbortController(), new AbortController()];
  const prover = await openProver('model/', { threads: 1, signal: opening.signal });
  const worker = FakeWorker.last;

  const done = prover.prove(new Map(), { signal: first.signal });
  worker.answer('first');
  expect(await done).toBe('first');
  const pending = prover.prove(new Map(), { signal: second.signal });
  await new Promise(setImmediate);
  opening.abort(new Error('too late'));
  first.abort(new Error('too late'));
  expect(cancelWord()).toBe(0);
  expect(worker.terminated).toBe(false);

  const why = new Error('enough');
  second.abort(why);
  await expect(pending).rejects.toBe(why);
  expect(cancelWord()).toBe(1);
});
