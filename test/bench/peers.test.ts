import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeCommit, describeMachine, machineName } from '../../bench/machine.ts';
import { settingsDigest } from '../../bench/peers/ezkl.ts';
import { measureRow } from '../../bench/peers/measure-row.ts';
import type { PeerInput } from '../../bench/peers/peer.ts';
import { withPeers } from '../../bench/peers/readme.ts';
import { renderPeers, renderPeersMarkdown } from '../../bench/peers/render.ts';
import type { PeerLimits, PeerRow, PeersResult } from '../../bench/peers/result.ts';
import { benchPeers, defaultLimits, newestPeers } from '../../bench/peers/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const limits: PeerLimits = { timeMs: 60_000, memoryMb: 4096, calibrationRows: 1, heldOut: 2 };
const input: PeerInput = { model: folder, work: folder, limits, measured: [] };

/** A row's process of which only the program is known. */
function measure(program: string, changes: Partial<PeerLimits> = {}): Promise<PeerRow> {
  const path = join(folder, 'program.mjs');
  writeFileSync(path, `const tell = (line) => console.log(JSON.stringify(line));\n${program}`);
  return measureRow('tiny', 'vouch-native', { ...input, limits: { ...limits, ...changes } }, { program: path });
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // What has ended and was not waited for is still listed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('a row has what its process told, and the memory of each stage', async () => {
  const row = await measure(`
    tell({ kind: 'stage', stage: 'setup' });
    const block = Buffer.alloc(200 << 20, 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    tell({ kind: 'facts', facts: { setupMs: 7, keyBytes: block.length } });
    console.log('something else');
    tell({ kind: 'facts', facts: { setupMs: 8 } });`);
  expect(row).toMatchObject({ model: 'tiny', outcome: 'measured', setupMs: 8, keyBytes: 200 << 20 });
  expect(row.peakBytes.setup).toBeGreaterThan(200 << 20);
  expect(row).not.toHaveProperty('failedStage');
});

test('a row that takes too long ends with all that it started, and keeps what it told', async () => {
  const row = await measure(
    `import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    tell({ kind: 'facts', facts: { compileMs: 5, rows: child.pid } });
    tell({ kind: 'stage', stage: 'prove' });
    setInterval(() => {}, 1000);`,
    { timeMs: 3000 },
  );
  expect(row).toMatchObject({ outcome: 'timeout', failedStage: 'prove', reason: 'more than 3 s', compileMs: 5 });
  expect(row.rows).toBeGreaterThan(1);
  await expect.poll(() => isRunning(row.rows ?? 1), { timeout: 5000 }).toBe(false);
});

test('memory counts what a row started, and its limit ends the row', async () => {
  const row = await measure(
    `import { spawn } from 'node:child_process';
    tell({ kind: 'stage', stage: 'prove' });
    spawn(process.execPath, ['-e', 'const b = Buffer.alloc(700 << 20, 1); setInterval(() => b.length, 1000)']);
    setInterval(() => {}, 1000);`,
    { memoryMb: 600 },
  );
  expect(row).toMatchObject({ outcome: 'memory', failedStage: 'prove', reason: 'more than 600 MB' });
});

test.each([
  ['AbsentError', 'absent'],
  ['Backend.NoEzklError', 'absent'],
  ['Backend.OutOfMemoryError', 'memory'],
  ['Backend.EzklTimeoutError', 'timeout'],
  ['RepeatedError', 'repeated'],
  ['Backend.EzklRefusedError', 'failed'],
])('a %s is an outcome of its own: %s', async (name, outcome) => {
  const row = await measure(`
    tell({ kind: 'stage', stage: 'compile' });
    tell({ kind: 'failure', name: '${name}', reason: 'because' });
    process.exit(1);`);
  expect(row).toMatchObject({ outcome, reason: 'because', failedStage: 'compile' });
});

test('a process that breaks says its last words', async () => {
  const row = await measure(`throw new Error('the program is broken');`);
  expect(row).toMatchObject({ outcome: 'failed', failedStage: 'start' });
  expect(row.reason).toContain('the program is broken');
});

const rows: PeerRow[] = [
  {
    model: 'tiny',
    peer: 'vouch-native',
    outcome: 'measured',
    ...{ compileMs: 1200, setupMs: 900, proveMs: 12.3, verifyMs: 4.56, keyBytes: 5_169_428, proofBytes: 256 },
    ...{ verifierBytes: 2170, verifyGas: 188_561, maxDelta: 0.0608, compared: 2 },
    peakBytes: { compile: 2e8, setup: 3e8, chain: 9e9 },
  },
  {
    model: 'tiny',
    peer: 'ezkl-resources',
    outcome: 'memory',
    reason: 'more than 600 MB',
    failedStage: 'prove',
    ...{ compileMs: 61_000, setupMs: 17_000, keyBytes: 2.5e9, maxDelta: 0.5, compared: 1 },
    peakBytes: { prove: 6e8 },
  },
  { model: 'tiny', peer: 'rapidsnark', outcome: 'absent', reason: 'not here', failedStage: 'start', peakBytes: {} },
];
const result: PeersResult = {
  format: 'vouch-peers-1',
  date: '2026-11-21T20:00:00.000Z',
  machine: { ...describeMachine(0), cpu: 'Some CPU', cores: 2, memoryBytes: 25e9, node: 'v20.0.0', load: [0.1, 1.9] },
  commit: { id: '0123456789abcdef', modified: false },
  limits,
  rows,
};

test('tables show what was measured, where a failure happened and what is not there', () => {
  const text = renderPeers(result);
  expect(text).toContain('Some CPU, 2 cores, 25 GB, node v20.0.0, load 0.1 before and 1.9 after');
  expect(text).toContain('EZKL, `resources`: prove: more than 600 MB');
  const lines = renderPeersMarkdown(result).split('\n');
  expect(lines).toContain(
    '| Vouch, native | 1.2 s | 900 ms | 12 ms | 4.6 ms | 300 MB | 5.17 MB | 256 B | 2,170 B | 188,561 | 0.0608 |',
  );
  expect(lines).toContain(
    '| EZKL, `resources` | 61 s | 17 s | *out of memory* | – | 600 MB | 2.5 GB | – | – | – | 0.5 (1) |',
  );
  expect(lines).toContain('- EZKL, `resources`: prove: more than 600 MB');
  expect(lines).toContain('Not on this machine: rapidsnark.');
});

test('settings are the same whenever calibration was, in whatever order sets and maps are written', () => {
  const digest = (ranges: readonly number[][], scale: number, sizes: object) =>
    settingsDigest(JSON.stringify({ required_range_checks: ranges, run_args: { scale }, sizes, timestamp: sizes }));
  const known = digest(
    [
      [0, 1],
      [-1, 1],
    ],
    7,
    { a: 1, b: 2 },
  );
  expect(
    digest(
      [
        [-1, 1],
        [0, 1],
      ],
      7,
      { b: 2, a: 1 },
    ),
  ).toBe(known);
  expect(
    digest(
      [
        [-1, 1],
        [0, 1],
      ],
      8,
      { b: 2, a: 1 },
    ),
  ).not.toBe(known);
  expect(
    digest(
      [
        [1, -1],
        [0, 1],
      ],
      7,
      { b: 2, a: 1 },
    ),
  ).not.toBe(known);
});

test('a README gets the comparison between its marks, once', () => {
  const text = 'before\n<!-- peers:start -->\nold\n<!-- peers:end -->\nafter\n';
  const written = withPeers(text, result);
  expect(written).toBe(`before\n<!-- peers:start -->\n${renderPeersMarkdown(result)}\n<!-- peers:end -->\nafter\n`);
  expect(withPeers(written ?? '', result)).toBe(written);
  expect(withPeers('no marks', result)).toBeUndefined();
});

const readme = readFileSync('README.md', 'utf8');
const hasMarks = readme.includes('<!-- peers:start -->');

test.runIf(hasMarks)(
  `the README compares the newest kept result${hasMarks ? '' : ' (skipped: it has no marks)'}`,
  () => {
    const newest = newestPeers('bench/results');
    expect(newest).toBeDefined();
    if (newest !== undefined) expect(withPeers(readme, newest)).toBe(readme);
  },
);

test('a run goes on where an earlier one of the same commit was stopped', async () => {
  const results = join(folder, 'results');
  mkdirSync(results);
  const machine = describeMachine(0);
  const name = `${new Date().toISOString().slice(0, 10)}-peers-${machineName(machine)}.json`;
  const known: PeersResult = { ...result, machine, commit: describeCommit(), limits: defaultLimits, rows: [rows[0]] };
  writeFileSync(join(results, name), JSON.stringify(known));
  const options = { models: ['tiny'], folder, results, peers: ['vouch-native'] as const };
  const again = await benchPeers(options);
  expect(again.rows).toEqual([rows[0]]);
  expect(newestPeers(results)?.rows).toEqual([rows[0]]);
  const fresh = await benchPeers({ ...options, fresh: true });
  expect(fresh.rows).toMatchObject([{ model: 'tiny', peer: 'vouch-native', outcome: 'failed' }]);
});
