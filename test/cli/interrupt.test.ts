import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MAIN, vouch, writeTinyModel } from '../keys/tiny-model.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const folder = mkdtempSync(join(tmpdir(), 'vouch-interrupt-'));
const at = (name: string) => join(folder, name);
const onnx = writeTinyModel(at('tiny.onnx'));
const keyed = at('keyed.vouch');
writeFileSync(at('input.json'), JSON.stringify({ x: [[0.5, 0.25]] }));

beforeAll(async () => {
  expect((await vouch('compile', onnx, '-o', keyed)).code).toBe(0);
  expect((await vouch('setup', keyed, '--insecure-dev')).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Every file below a folder, with the digest of its contents. */
function contents(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
  return files.sort().map((file) => `${file.slice(path.length)} ${digest(file)}`);
}

interface Ending {
  readonly ended: string;
  readonly stderr: string;
}

/** Runs a command and sends SIGINT when `when` first says so of what it has printed and left so far, or never. */
function interrupt(args: readonly string[], when: (stderr: string) => boolean): Promise<Ending> {
  const child = spawn(process.execPath, [...MAIN, ...args]);
  let stderr = '';
  const look = () => {
    if (!child.killed && when(stderr)) child.kill('SIGINT');
  };
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    look();
  });
  child.stdout.resume();
  const timer = setInterval(look, 1);
  return new Promise((resolve) =>
    child.once('close', (code, signal) => {
      clearInterval(timer);
      const endings = new Map([
        [0, 'finished'],
        [130, 'interrupted'],
      ]);
      // Before it listens, or after it is done, the signal ends it at once.
      const atOnce = signal === 'SIGINT' ? 'killed' : `failed: ${signal ?? code}`;
      resolve({ ended: endings.get(code ?? -1) ?? atOnce, stderr });
    }),
  );
}

const commands: readonly [string, (inside: string) => readonly string[]][] = [
  ['compile', (inside) => ['compile', onnx, '-o', join(inside, 'new.vouch')]],
  ['setup', (inside) => ['setup', join(inside, 'keyed.vouch'), '--insecure-dev']],
  [
    'prove',
    (inside) => ['prove', join(inside, 'keyed.vouch'), '-i', at('input.json'), '-o', join(inside, 'proof.json')],
  ],
];

/** Moments: when a stage is announced, and as soon as a temporary file is there. */
const moments: readonly [string, (inside: string) => (stderr: string) => boolean][] = [
  ['at its first stage', () => (stderr) => / s {2}\w/.test(stderr)],
  ['at its last stage', () => (stderr) => /s {2}(write|prove)\n/.test(stderr)],
  [
    'while a file is written',
    (inside) => () => readdirSync(inside, { recursive: true }).some((name) => /\.tmp/.test(String(name))),
  ],
];

test.each(commands.flatMap(([name, args]) => moments.map(([moment, when]) => [name, moment, args, when] as const)))(
  '%s, interrupted %s, leaves all or nothing',
  async (_name, _moment, args, when) => {
    const inside = mkdtempSync(at('run-'));
    cpSync(keyed, join(inside, 'keyed.vouch'), { recursive: true });
    const before = contents(inside);
    const { ended, stderr } = await interrupt(args(inside), when(inside));
    expect(ended, stderr).toMatch(/^(finished|interrupted|killed)$/);
    const after = contents(inside);
    expect(readdirSync(inside, { recursive: true }).filter((name) => String(name).includes('.tmp'))).toEqual([]);
    if (ended === 'interrupted') expect(after).toEqual(before);
    if (ended === 'finished') expect(after).not.toEqual(before);
  },
);
