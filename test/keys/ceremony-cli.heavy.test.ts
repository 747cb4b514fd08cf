import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { blake2bOfFile } from '../../src/keys/ceremony/digest.ts';
import { replaceIn, reseal, tamper } from '../audit/tamper.ts';
import { makePtau, snarkjsAccepts } from './ceremony-fixture.ts';
import { type Run, vouch, writeTinyModel } from './tiny-model.ts';

// A dozen processes of two seconds each on an idle machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 480_000 });
const snarkjs = await import('snarkjs');
const folder = mkdtempSync(join(tmpdir(), 'vouch-ceremony-cli-'));
const at = (name: string) => join(folder, name);
const [onnx, model, r1cs] = [at('tiny.onnx'), at('tiny.vouch'), at('circuit.r1cs')];
const RANDOMNESS = '9f'.repeat(32);
let ptau: string;
let trust: readonly string[];

async function succeed(...args: string[]): Promise<Run> {
  const run = await vouch(...args);
  expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
  return run;
}

/** The guide of docs/ceremony.md, command by command; the second contributor uses snarkjs alone. */
beforeAll(async () => {
  ({ prepared: ptau } = await makePtau(folder, 7));
  trust = ['--ptau', ptau, '--trust-ptau', await blake2bOfFile(ptau)];
  await succeed('compile', writeTinyModel(onnx), '-o', model);
  await succeed('export', model, '--r1cs', '-o', r1cs);
  await succeed('ceremony', 'start', r1cs, ...trust, '-o', at('round0.zkey'));
  await succeed('ceremony', 'contribute', at('round0.zkey'), '-o', at('round1.zkey'), '--name', 'Ada');
  await snarkjs.zKey.contribute(at('round1.zkey'), at('round2.zkey'), 'Grace', 'not a secret');
  const beacon = ['--hash', RANDOMNESS, '--iterations', '10', '--name', 'drand 1'];
  await succeed('ceremony', 'beacon', at('round2.zkey'), '-o', at('final.zkey'), ...beacon);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('both tools accept the outcome of a mixed ceremony and tell the same of it', async () => {
  expect(await snarkjsAccepts(r1cs, ptau, at('final.zkey'))).toBe(true);
  const rounds = ['0', '1', '2'].map((i) => at(`round${i}.zkey`));
  const files = ['--r1cs', r1cs, ...trust, '--round', ...rounds, '-o', at('transcript.json'), '--json'];
  const { stdout } = await succeed('ceremony', 'verify', at('final.zkey'), ...files);
  expect(JSON.parse(stdout).transcript.contributions).toMatchObject([
    { name: 'Ada', kind: 'contribution' },
    { name: 'Grace', kind: 'contribution' },
    { name: 'drand 1', kind: 'beacon' },
  ]);
  await succeed(
    'ceremony',
    'verify',
    at('final.zkey'),
    '--r1cs',
    r1cs,
    ...trust,
    '--transcript',
    at('transcript.json'),
  );
  await snarkjs.zKey.beacon(at('round2.zkey'), at('theirs.zkey'), 'drand 1', RANDOMNESS, 10);
  expect(readFileSync(at('theirs.zkey'))).toEqual(readFileSync(at('final.zkey')));
  await succeed('ceremony', 'export-key', at('final.zkey'), '-o', at('vk.json'));
  const theirs = await snarkjs.zKey.exportVerificationKey(at('final.zkey'));
  expect(theirs).toMatchObject(JSON.parse(readFileSync(at('vk.json'), 'utf8')));
});

test('a model adopts the key, proves under it, and an audit ties it to the ONNX file', async () => {
  const adopted = await succeed('ceremony', 'adopt', at('final.zkey'), '--model', model, ...trust, '--json');
  const report = JSON.parse(adopted.stdout);
  expect(report).toMatchObject({ accepted: true, trust: 'ceremony', selfTest: { status: 'passed' } });
  expect(readFileSync(join(model, 'proving.zkey'))).toEqual(readFileSync(at('final.zkey')));
  writeFileSync(at('input.json'), JSON.stringify({ x: [[0.5, 0.25]] }));
  await succeed('prove', model, '-i', at('input.json'), '-o', at('proof.json'));
  const verified = await succeed('verify', at('proof.json'), '-k', model, '--expect-model', report.modelId, '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true, trust: 'ceremony' });

  const audited = await succeed('audit', onnx, model, ...trust, '--json');
  const checks: { name: string; status: string; detail: string }[] = JSON.parse(audited.stdout).checks;
  expect(checks.filter(({ status }) => status === 'holds').map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ceremony', 'transcript', 'self-test', 'trust level']),
  );
  expect(checks.find(({ name }) => name === 'ceremony')?.detail).toContain('Ada, Grace, drand 1 (beacon)');
  const withoutPtau = await vouch('audit', onnx, model);
  expect([withoutPtau.code, withoutPtau.stderr]).toEqual([2, expect.stringContaining('--ptau <file>')]);
  const lie = tamper(model, at('lie.vouch'), (path) => replaceIn(path('transcript.json'), 'Grace', 'Mallory'));
  reseal(lie);
  const lied = await vouch('audit', onnx, lie, ...trust, '--json');
  const failed = JSON.parse(lied.stdout).checks.filter(({ status }: { status: string }) => status === 'fails');
  expect([lied.code, failed]).toEqual([1, [expect.objectContaining({ name: 'transcript' })]]);
});

test('a model refuses a key without a secret, of another circuit, or that is no key', async () => {
  const before = readdirSync(model).map((name) => [name, readFileSync(join(model, name), 'base64')]);
  const empty = await vouch('ceremony', 'adopt', at('round0.zkey'), '--model', model, ...trust);
  expect([empty.code, empty.stdout]).toEqual([1, expect.stringContaining('there is no contribution')]);
  const other = at('other.vouch');
  await succeed('compile', writeTinyModel(at('other.onnx'), 0.75), '-o', other);
  const foreign = await vouch('ceremony', 'adopt', at('final.zkey'), '--model', other, ...trust);
  expect([foreign.code, foreign.stdout]).toEqual([1, expect.stringContaining('does not follow from its inputs')]);
  copyFileSync(onnx, at('no.zkey'));
  expect((await vouch('ceremony', 'adopt', at('no.zkey'), '--model', model, ...trust)).code).toBe(2);
  expect(readdirSync(model).map((name) => [name, readFileSync(join(model, name), 'base64')])).toEqual(before);
});

test('a round that exists is never overwritten, and one that is repeated after an interruption counts', async () => {
  const again = await vouch('ceremony', 'contribute', at('round0.zkey'), '-o', at('round1.zkey'), '--name', 'Eve');
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
  const { stdout } = await succeed('ceremony', 'status', at('round1.zkey'), '--json');
  expect(JSON.parse(stdout).contributions).toMatchObject([{ name: 'Ada' }]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
