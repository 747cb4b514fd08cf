import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PeerInput } from '../../bench/peers/peer.ts';
import { isAlive } from '../backend/fake-bridge.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const limits = { timeMs: 600_000, memoryMb: 4096, calibrationRows: 1, heldOut: 2 };
const input: PeerInput = { model: 'models/credit-mlp', work: folder, limits, measured: [] };

/** A Python in a cache of its own that becomes ready, tells its number and never answers. */
function makeBusyEzkl(): { readonly cache: string; readonly pid: () => number | undefined } {
  const cache = mkdtempSync(join(folder, 'cache-'));
  const bin = join(cache, 'vouch', 'ezkl-23.0.5', 'bin');
  mkdirSync(bin, { recursive: true });
  const ready = '{"kind":"ready","protocol":1,"version":"23.0.5","python":"3"}';
  writeFileSync(join(bin, 'python'), `#!/bin/sh\necho $$ > ${cache}/pid\necho '${ready}'\nread -r line\nsleep 100\n`);
  chmodSync(join(bin, 'python'), 0o755);
  const pid = () => Number(readFileSync(join(cache, 'pid'), 'utf8'));
  return { cache, pid: () => (existsSync(join(cache, 'pid')) ? pid() : undefined) };
}

const busy = { timeout: 60_000 };

/** The process that started this one. */
const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

const linux = process.platform === 'linux';

test.runIf(linux)('a row ends with the process that measures it, even by SIGKILL, and EZKL with the row', async () => {
  const ezkl = makeBusyEzkl();
  const program = `
    import { measureRow } from './bench/peers/measure-row.ts';
    await measureRow('credit-mlp', 'ezkl-resources', ${JSON.stringify(input)});`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const measuring = spawn(process.execPath, args, { env: { ...process.env, XDG_CACHE_HOME: ezkl.cache } });
  await expect.poll(ezkl.pid, busy).toBeGreaterThan(1);
  const python = ezkl.pid() ?? 0;
  const row = parentOf(python);
  expect(parentOf(row)).toBe(measuring.pid);
  measuring.kill('SIGKILL');
  await expect.poll(() => [row, python].filter(isAlive), busy).toEqual([]);
});

test.runIf(linux)('npm run bench ends with all that it started when npm is told to end', async () => {
  const ezkl = makeBusyEzkl();
  const words = ['run', '--silent', 'bench', '--', '--peers', 'credit-mlp', '--only', 'ezkl-resources'];
  const results = join(folder, 'stopped');
  const npm = spawn('npm', [...words, '--results', results], { env: { ...process.env, XDG_CACHE_HOME: ezkl.cache } });
  await expect.poll(ezkl.pid, busy).toBeGreaterThan(1);
  const started = [ezkl.pid() ?? 0];
  for (let pid = parentOf(started[0]); pid !== process.pid; pid = parentOf(pid)) started.push(pid);
  expect(started).toContain(npm.pid);
  expect(started.length).toBeGreaterThan(2);
  npm.kill('SIGTERM');
  await expect.poll(() => started.filter(isAlive), busy).toEqual([]);
});
