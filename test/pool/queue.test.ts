import { afterEach, describe, expect, test } from 'vitest';
import { WorkerCrashedError } from '../../src/pool/executor.ts';
import { TaskFailedError } from '../../src/pool/outcome.ts';
import { createProcesses } from '../../src/pool/processes.ts';
import { createQueue, PoolClosedError, type Queue, TaskTimeoutError } from '../../src/pool/queue.ts';
import type { Job } from '../../src/pool/task-module.ts';
import { createThreads } from '../../src/pool/threads.ts';

const module = new URL('./faulty-tasks.ts', import.meta.url).href;
const opened: Queue[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((queue) => queue.close()));
});

interface Limits {
  readonly timeoutMs?: number;
  readonly maxQueued?: number;
  readonly slots?: number;
  readonly memoryMb?: number;
}

function threads({ timeoutMs = 30_000, maxQueued = 4, slots = 2, memoryMb = 48 }: Limits = {}): Queue {
  return keep(createQueue(createThreads({ module, setup: 'set up', slots, memoryMb }), { maxQueued, timeoutMs }));
}

function processes({ timeoutMs = 30_000, maxQueued = 4, slots = 2, memoryMb = 300 }: Limits = {}): Queue {
  return keep(createQueue(createProcesses({ module, setup: 'set up', slots, memoryMb }), { maxQueued, timeoutMs }));
}

function keep(queue: Queue): Queue {
  opened.push(queue);
  return queue;
}

async function ask(queue: Queue, job: Job, signal?: AbortSignal): Promise<unknown> {
  return await (await queue.submit(job, { signal })).result;
}

const job = (task: string, input: object = {}): Job => ({ task, input: { id: 0, ...input } });
const sharedWord = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

test('200 jobs over 2 threads that fail in every way: each is answered once, as it must be', async () => {
  const queue = threads({ timeoutMs: 6000 });
  const cancelled = new Error('the caller changed its mind');
  const plan = Array.from({ length: 200 }, (_, id) => {
    const kind = { 20: 'exit', 60: 'fillHeap', 90: 'spin', 120: 'throwLater', 150: 'exitOnce' }[id];
    return {
      id,
      task: kind ?? (id % 10 === 1 ? 'refuse' : id % 10 === 2 ? 'stumble' : id % 10 === 3 ? 'wait' : 'echo'),
    };
  });
  const answers = new Map<number, string>();
  let duplicates = 0;
  await Promise.all(
    plan.map(async ({ id, task }) => {
      const controller = new AbortController();
      const ticket = await queue.submit({ task, input: { id, seen: sharedWord() } }, { signal: controller.signal });
      if (task === 'wait') setTimeout(() => controller.abort(cancelled), id % 4 === 3 ? 0 : 30);
      const answer = await ticket.result.then(
        (value) => ((value as { id: number }).id === id ? 'value' : 'another value'),
        (error: unknown) => (error === cancelled ? 'cancelled' : error instanceof Error ? error.name : 'unknown'),
      );
      if (answers.has(id)) duplicates++;
      answers.set(id, answer);
    }),
  );
  const expected: Record<string, string> = {
    echo: 'value',
    exitOnce: 'value',
    refuse: 'VouchError',
    stumble: 'InternalError',
    wait: 'cancelled',
    exit: 'Pool.WorkerCrashedError',
    fillHeap: 'Pool.WorkerCrashedError',
    throwLater: 'Pool.WorkerCrashedError',
    spin: 'Pool.TaskTimeoutError',
  };
  expect(duplicates).toBe(0);
  expect([...answers].sort(([a], [b]) => a - b)).toEqual(plan.map(({ id, task }) => [id, expected[task]]));
  const count = (task: string) => plan.filter((entry) => entry.task === task).length;
  expect(queue.stats()).toMatchObject({
    completed: count('echo') + 1,
    failed: count('refuse') + count('stumble') + 3,
    cancelled: count('wait'),
    timedOut: 1,
    crashes: 7,
    retried: 4,
  });
});

describe.each([
  ['threads', threads],
  ['processes', processes],
] as const)('%s', (_kind, create) => {
  test('errors keep their name and their lines', async () => {
    const queue = create({ slots: 1 });
    expect(await ask(queue, job('echo', { id: 7 }))).toEqual({ id: 7, setup: 'set up' });
    const error = await ask(queue, job('refuse', { id: 8 })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ name: 'VouchError', shortMessage: 'job 8 is refused', metaMessages: ['on purpose'] });
    await expect(ask(queue, job('stumble'))).rejects.toThrow('TypeError: a bug');
    await expect(ask(queue, job('no such task'))).rejects.toThrow('no such task');
  });

  test('a job whose worker ends twice is a typed error, and the next job finds a worker', async () => {
    const queue = create({ slots: 1 });
    const error = await ask(queue, job('exit')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect(error).toMatchObject({ crash: { reason: 'exit', attempts: 2 } });
    expect(await ask(queue, job('echo', { id: 1 }))).toMatchObject({ id: 1 });
  });

  test('a full heap is told from another end', async () => {
    const error = await ask(create({ slots: 1, memoryMb: 48 }), job('fillHeap')).catch((e: unknown) => e);
    expect(error).toMatchObject({ crash: { reason: 'memory', attempts: 2 } });
  });

  test('close waits for what was submitted, and takes no more', async () => {
    const queue = create({ slots: 1, maxQueued: 2 });
    const tickets = await Promise.all([1, 2, 3].map((id) => queue.submit(job('nap', { id, ms: 100 }))));
    const answered: unknown[] = [];
    for (const { result } of tickets) result.then((value) => answered.push(value));
    await queue.close();
    expect(answered).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await expect(queue.submit(job('echo'))).rejects.toBeInstanceOf(PoolClosedError);
  });

  test('a job that hangs times out, and its worker is replaced', async () => {
    const queue = create({ slots: 1, timeoutMs: 3000 });
    await ask(queue, job('echo'));
    await expect(ask(queue, job('spin'))).rejects.toBeInstanceOf(TaskTimeoutError);
    expect(await ask(queue, job('echo', { id: 2 }))).toMatchObject({ id: 2 });
  });
});

test('submit waits for a place, and places are given in order', async () => {
  const queue = threads({ slots: 1, maxQueued: 1 });
  const order: number[] = [];
  const submitted = [1, 2, 3, 4].map(async (id) => {
    const { result } = await queue.submit(job('nap', { id, ms: 30 }));
    order.push(id);
    return await result;
  });
  // Fifth in line: the others have all got their places by then.
  const last = ask(queue, job('nap', { ms: 1 }));
  expect(queue.stats().queued).toBeLessThanOrEqual(1);
  await last;
  expect(order).toEqual([1, 2, 3, 4]);
  expect(await Promise.all(submitted)).toEqual([1, 2, 3, 4].map((id) => ({ id })));
});

test('a caller that is cancelled while it waits leaves the line', async () => {
  const queue = threads({ slots: 1, maxQueued: 0 });
  const running = await queue.submit(job('nap', { id: 1, ms: 200 }));
  const controller = new AbortController();
  const waiting = queue.submit(job('echo'), { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(await running.result).toEqual({ id: 1 });
  expect(await ask(queue, job('echo', { id: 2 }))).toMatchObject({ id: 2 });
});

test('a thread inside a native call is never ended: the call returns, the process lives', async () => {
  const queue = threads({ slots: 1 });
  const cell = sharedWord();
  const controller = new AbortController();
  const { result } = await queue.submit(job('native', { cell }), { signal: controller.signal });
  while (Atomics.load(cell, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(new Error('now'));
  await expect(result).rejects.toThrow('now');
  const closed = queue.close();
  // Longer than a thread that does not stop by itself is let alone.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(Atomics.load(cell, 0)).toBe(1);
  Atomics.store(cell, 0, 2);
  Atomics.notify(cell, 0);
  await closed;
  expect(Atomics.load(cell, 0)).toBe(3);
});

test('a process is killed at once, wherever it is', async () => {
  const queue = processes({ slots: 1 });
  await ask(queue, job('echo'));
  const controller = new AbortController();
  const { result } = await queue.submit(job('spin'), { signal: controller.signal });
  controller.abort(new Error('now'));
  await expect(result).rejects.toThrow('now');
  const started = performance.now();
  await queue.close();
  expect(performance.now() - started).toBeLessThan(5000);
});

test.runIf(process.platform === 'linux')('memory outside the heap counts for a process', async () => {
  const error = await ask(processes({ slots: 1, memoryMb: 250 }), job('fillBuffers')).catch((e: unknown) => e);
  expect(error).toMatchObject({ crash: { reason: 'memory', attempts: 2 } });
});
