import { expect, test } from 'vitest';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { ThreadCountError, threadCount } from '../../src/kernel/thread-count.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { addon } from './native.ts';

test('a machine with more processors than a kernel takes threads still proves', () => {
  expect(threadCount(undefined, 3)).toBe(3);
  expect(threadCount(undefined, 512)).toBe(256);
  expect(threadCount(7, 2)).toBe(7);
});

test.each([0, -1, 1.5, 257, Number.NaN])('%f threads are refused when a kernel is made', (threads) => {
  const loaded = loadWasmCode('simd');
  if ('reason' in loaded) return expect.unreachable(loaded.reason);
  expect(() => createWasmKernel(loaded.code, { threads })).toThrow(ThreadCountError);
  if (addon === undefined) return;
  const native = addon;
  expect(() => createNativeKernel(native, { threads })).toThrow(ThreadCountError);
});
