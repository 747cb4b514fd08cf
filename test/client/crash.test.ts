import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startFaultyProxy } from './faulty-proxy.ts';
import { type HubWorld, startHubWorld } from './hub-world.ts';

const heavy = process.env.VOUCH_HEAVY !== undefined;
vi.setConfig({ testTimeout: heavy ? 900_000 : 240_000 });

let world: HubWorld;
let folder: string;

beforeEach(async () => {
  world = await startHubWorld();
  folder = await mkdtemp(join(tmpdir(), 'vouch-crash-'));
});
afterEach(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

interface Ending {
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a node until it kills itself at a stage, is killed after a time, or has nothing left to do. */
function runNode(stage: string, count = 1, { url = world.node.url, killAfterMs = 0 } = {}): Promise<Ending> {
  const script = new URL('./node-process.ts', import.meta.url).pathname;
  const args = ['--import', 'tsx', script, url, world.hub, join(folder, 'state.json'), stage, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (text: Buffer) => {
    // It has started: from here on the time counts.
    if (killAfterMs > 0) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    written.stdout += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    written.stderr += text;
  });
  return new Promise((resolve) => {
    child.once('close', (_code, signal) => {
      clearTimeout(timer);
      resolve({ signal, ...written });
    });
  });
}

const stages = ['started', 'seen', 'proving', 'proved', 'signed', 'sent', 'mined', 'confirmed', 'settled'];

test('killed at each stage in turn, a node fulfils every request once and wastes no transaction', async () => {
  const asked: string[] = [];
  for (const stage of stages) {
    asked.push((await world.ask(asked.length)).id);
    const { signal, stderr } = await runNode(stage);
    expect({ stage, signal, stderr }).toEqual({ stage, signal: 'SIGKILL', stderr: '' });
  }
  const { stdout, signal } = await runNode('never');
  expect(signal).toBeNull();
  expect(JSON.parse(stdout.split('\n')[1])).toMatchObject({ failed: 0, 'by-other': 0 });
  expect((await world.fulfilments()).sort()).toEqual(asked.sort());
  expect(await world.transactionsOf(1)).toBe(asked.length);
  expect(await readdir(folder)).toEqual(['state.json']);
});

test.runIf(heavy)('killed at each stage while blocks are slow and the node forgets what it was given', async () => {
  const asked: string[] = [];
  for (const stage of stages) {
    for (const count of [1, 3]) {
      asked.push(...(await Promise.all([0, 1, 2].map((v) => world.ask(v)))).map(({ id }) => id));
      await world.node.ask('evm_setAutomine', false);
      await world.node.mineUntil(runNode(stage, count));
      await world.node.ask('anvil_dropAllTransactions');
      await world.node.ask('evm_setAutomine', true);
    }
  }
  expect((await runNode('never')).signal).toBeNull();
  expect((await world.fulfilments()).sort()).toEqual(asked.sort());
});

test.runIf(heavy)('killed at any moment behind a bad connection', async () => {
  const proxy = await startFaultyProxy(world.node.url, 0.1);
  const asked: string[] = [];
  for (let round = 0; round < 20; round++) {
    for (let v = 0; v < 3; v++) asked.push((await world.ask(v)).id);
    await runNode('never', 1, { url: proxy.url, killAfterMs: 20 + ((round * 397) % 1500) });
  }
  expect((await runNode('never', 1, { url: proxy.url })).signal).toBeNull();
  await proxy.stop();
  expect((await world.fulfilments()).sort()).toEqual(asked.sort());
});
