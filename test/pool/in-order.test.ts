import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type BatchItem, inOrder } from '../../src/pool/in-order.ts';

async function collect<T>(items: AsyncIterable<BatchItem<T>>): Promise<BatchItem<T>[]> {
  const all: BatchItem<T>[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('results come in the order of the inputs, whoever is first', async () => {
  const delays = [30, 5, 20, 1, 10, 0, 15];
  const items = await collect(inOrder(delays, async (ms) => sleep(ms, ms), { window: 4 }));
  expect(items).toEqual(delays.map((value, index) => ({ index, ok: true, value })));
});

test('one that fails keeps its place and ends nothing', async () => {
  const work = async (i: number) => {
    if (i === 2) throw new Error('two');
    return i;
  };
  const items = await collect(inOrder(range(5), work, { window: 3 }));
  expect(items.map(({ ok }) => ok)).toEqual([true, true, false, true, true]);
  expect(items[2]).toMatchObject({ index: 2, error: { message: 'two' } });
});

test('inputs are taken no faster than results are', async () => {
  let taken = 0;
  let most = 0;
  let given = 0;
  function* source() {
    for (;;) yield taken++;
  }
  for await (const { index } of inOrder(source(), async (i) => sleep(1, i), { window: 3 })) {
    given = index + 1;
    most = Math.max(most, taken - given);
    await sleep(3);
    if (given === 20) break;
  }
  // Two more than the window minus the one given: one is read ahead.
  expect(most).toBeLessThanOrEqual(4);
});

test('a source that waits does not hold results back', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* source() {
    yield 1;
    await gate;
    yield 2;
  }
  const items = inOrder(source(), async (i) => i, { window: 4 });
  expect(await items.next()).toMatchObject({ value: { index: 0, value: 1 } });
  release();
  expect(await items.next()).toMatchObject({ value: { index: 1, value: 2 } });
  expect((await items.next()).done).toBe(true);
});

test('an error of the source comes after all results', async () => {
  function* source() {
    yield* range(3);
    throw new Error('line 4 is not JSON');
  }
  const seen: number[] = [];
  const run = async () => {
    for await (const { index } of inOrder(source(), async (i) => sleep(5, i), { window: 8 })) seen.push(index);
  };
  await expect(run()).rejects.toThrow('line 4');
  expect(seen).toEqual([0, 1, 2]);
});

test('leaving the loop aborts what is under way, aborting ends the loop', async () => {
  const untilAborted = (i: number, signal: AbortSignal) =>
    i === 0 ? Promise.resolve(i) : sleep(60_000, i, { signal });
  for await (const { index } of inOrder(range(4), untilAborted, { window: 4 })) {
    expect(index).toBe(0);
    break;
  }
  const controller = new AbortController();
  const run = collect(inOrder(range(4), untilAborted, { window: 4, signal: controller.signal }));
  controller.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
});
