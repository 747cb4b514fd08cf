import { expect, test } from 'vitest';
import type { Control } from '../../src/kernel/addon.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { callAddon } from '../../src/kernel/native-call.ts';
import { addon, reason, variants } from './native.ts';
import { multiples, scalarBytes } from './points.ts';

const why = new Error('enough');

test('a call that is aborted while it waits ends at once, and the next one still waits its turn', async () => {
  const order: string[] = [];
  let release = (_: object) => {};
  const first = callAddon({}, async () => {
    const result = await new Promise<object>((resolve) => {
      release = resolve;
    });
    order.push('first');
    return result;
  });
  const controller = new AbortController();
  const second = callAddon({ signal: controller.signal }, async () => {
    order.push('second');
    return {};
  });
  const third = callAddon({}, async () => {
    order.push('third');
    return {};
  });
  controller.abort(why);
  await expect(second).rejects.toBe(why);
  expect(order).toEqual([]);
  release({});
  await Promise.all([first, third]);
  expect(order).toEqual(['first', 'third']);
});

test('a call that was aborted before is not made', async () => {
  const call = callAddon({ signal: AbortSignal.abort(why) }, () => expect.unreachable());
  await expect(call).rejects.toBe(why);
  expect(await callAddon({}, async () => ({ made: true }))).toEqual({ made: true });
});

test.skipIf(addon === undefined)(`a call that waits for the pool can be cancelled ${reason}`, async () => {
  if (addon === undefined) return;
  const native = addon;
  // Two calls of the addon itself, which wait for each other there and not here.
  const [long, short] = [200_000, 1];
  const [variant, base] = [variants[variants.length - 1], multiples(2, [1n])];
  const multiply = (count: number, control: Control) => {
    const scalars = scalarBytes(Array.from({ length: count }, (_, i) => 2n ** 250n + BigInt(i)));
    return native.multiplyBase(variant, 2, 2, base, scalars, new Uint8Array(128 * count), control);
  };
  const controls = [new Uint32Array(2), new Uint32Array(2)];
  const ended: number[] = [];
  const calls = [long, short].map(async (count, i) => {
    const status = await multiply(count, controls[i]);
    ended.push(i);
    return status;
  });
  while (Atomics.load(controls[0], 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  Atomics.store(controls[1], 0, 1);
  expect(await calls[1]).toBe(2);
  expect(ended).toEqual([1]);
  Atomics.store(controls[0], 0, 1);
  expect(await calls[0]).toBe(2);
  const kernel = createNativeKernel(addon, { threads: 2 });
  const points = await kernel.multiplyBase?.({ group: 1, base: multiples(1, [3n]), scalars: scalarBytes([5n]) });
  expect(points).toEqual(multiples(1, [15n]));
});
