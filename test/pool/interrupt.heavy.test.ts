import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createQueue } from '../../src/pool/queue.ts';
import { createThreads } from '../../src/pool/threads.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { type SmallModel, writeSmallModel } from './small-model.ts';

const count = 40;
let folder = '';
let data = '';
let small: SmallModel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-interrupt-'));
  small = await writeSmallModel(folder);
  data = join(folder, 'batch.jsonl');
  const rows = Array.from({ length: count }, (_, i) => `${JSON.stringify({ x: [i / count, 0, 0.5] })}\n`);
  writeFileSync(data, rows.join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));

const finished = (proofs: string): string[] => {
  try {
    return readdirSync(proofs).filter((name) => /^proof-\d+\.json$/.test(name));
  } catch {
    return [];
  }
};

/** Starts a batch and interrupts it once some proofs are there. */
async function interrupt(proofs: string, signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> {
  const args = ['prove', small.path, '--batch', data, '-o', proofs, '--quiet'];
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  while (finished(proofs).length < 3 && child.exitCode === null) await sleep(10);
  child.kill(signal);
  return { code: await ended, stderr };
}

function contents(proofs: string): Map<string, string> {
  return new Map(finished(proofs).map((name) => [name, readFileSync(join(proofs, name), 'utf8')]));
}

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a batch that %s ends continues without proving anything twice',
  async (signal) => {
    const proofs = join(folder, signal);
    const { code, stderr } = await interrupt(proofs, signal);
    if (signal === 'SIGINT') {
      expect(code).toBe(130);
      expect(stderr).toContain('The same command proves the rest');
    }
    const before = contents(proofs);
    expect(before.size).toBeLessThan(count);
    const rest = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/cli/main.ts', 'prove', small.path, '--batch', data, '-o', proofs, '--quiet', '--json'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let stdout = '';
    rest.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    expect(await new Promise((resolve) => rest.once('close', resolve))).toBe(0);
    const { kept, proved } = JSON.parse(stdout);
    expect(kept + proved).toBe(count);
    // A file may have been complete before its line in the journal was.
    expect(kept).toBeGreaterThanOrEqual(before.size - 1);
    const after = contents(proofs);
    expect(after.size).toBe(count);
    expect([...before].filter(([name, text]) => after.get(name) === text)).toHaveLength(kept);
  },
);

test('cancelling in the middle of onnxruntime leaves the process alive, many times', async () => {
  const size = 768;
  const onnx = join(folder, 'squares.onnx');
  const nodes = Array.from({ length: 8 }, (_, i) => {
    const from = i === 0 ? 'x' : `h${i}`;
    return { op: 'MatMul', inputs: [from, from], outputs: [i === 7 ? 'y' : `h${i + 1}`] };
  });
  writeFileSync(onnx, encodeModel({ inputs: [{ name: 'x', shape: [size, size] }], outputs: ['y'], nodes }));
  const module = new URL('./native-tasks.ts', import.meta.url).href;
  const queue = createQueue(createThreads({ module, setup: { onnx, size }, slots: 2, memoryMb: 512 }), {
    maxQueued: 8,
    timeoutMs: 60_000,
  });
  let inside = 0;
  await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const entered = new Int32Array(new SharedArrayBuffer(4));
      const controller = new AbortController();
      const { result } = await queue.submit({ task: 'run', input: entered }, { signal: controller.signal });
      const answer = result.catch((error: unknown) => error);
      while (Atomics.load(entered, 0) === 0) await sleep(2);
      await sleep(5 * i);
      if (Atomics.load(entered, 0) === 1) inside++;
      controller.abort('cancelled');
      await answer;
    }),
  );
  await queue.close();
  console.log(`${inside} of 12 runs were cancelled inside onnxruntime`);
  expect(inside).toBeGreaterThan(3);
});
