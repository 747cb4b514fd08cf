import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCommit } from '../../src/cli/commands/commit.ts';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { addProve } from '../../src/cli/commands/prove.ts';
import { addSetup } from '../../src/cli/commands/setup.ts';
import { addVerify } from '../../src/cli/commands/verify.ts';
import { chooseKernel } from '../../src/kernel/choose.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { type Run, runInProcess } from './in-process.ts';

const vouch = (...args: string[]): Promise<Run> =>
  runInProcess([addCompile, addSetup, addCommit, addProve, addVerify], ...args);

let folder = '';
const at = (name: string): string => join(folder, name);
const write = (name: string, data: object): string => {
  writeFileSync(at(name), JSON.stringify(data));
  return at(name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-cli-visibility-'));
  writeFileSync(
    at('model.onnx'),
    encodeModel({
      inputs: [
        { name: 'age', shape: [1, 2] },
        { name: 'income', shape: [1, 2] },
      ],
      outputs: ['score'],
      nodes: [{ op: 'Sub', inputs: ['income', 'age'], outputs: ['score'] }],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('names and visibilities that do not exist are refused, and those that do are listed', async () => {
  const compile = (...args: string[]) =>
    vouch('compile', at('model.onnx'), '-o', at('never.vouch'), ...args, '--quiet');
  const unknown = await compile('--input', 'incme=public');
  const wrong = await compile('--input', 'income=argmax');
  const directory = await compile('--output', at('other.vouch'));
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('the model has no input "incme"\nits inputs are "age", "income"');
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('expected name=private|public|hashed');
  expect(directory).toMatchObject({ code: 2 });
  expect(directory.stderr).toContain('expected name=public|hashed|argmax');
});

test('compile, prove, open and verify with a public and a hashed input', async () => {
  const model = at('model.vouch');
  const compiled = await vouch(
    ...['compile', at('model.onnx'), '-o', model, '--input', 'age=public', '--input', 'income=hashed'],
    ...['--output', 'score=argmax', '--json'],
  );
  expect(compiled.code, compiled.stderr).toBe(0);
  expect(JSON.parse(compiled.stdout).report).toMatchObject({
    inputs: [{ visibility: 'public' }, { visibility: 'hashed' }],
    outputs: [{ visibility: 'argmax', shape: [1] }],
    predicted: { signals: 4 },
  });
  expect((await vouch('setup', model, '--insecure-dev', '--quiet')).code).toBe(0);

  const outside = write('outside.json', { age: [[0.5, 7.25]], income: [[0.25, 0.75]] });
  const refused = await vouch('prove', model, '-i', outside, '-o', at('never.json'), '--quiet');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('input "age"[1] = 7.25 is outside the range the circuit proves');
  expect(refused.stderr).toContain('expected a number in [-1, ');

  const data = write('data.json', { age: [[0.5, 0.25]], income: [[0.25, 0.75]] });
  const proved = await vouch('prove', model, '-i', data, '-o', at('proof.json'), '--quiet');
  expect(proved.code, proved.stderr).toBe(0);
  expect(proved.stdout).toContain('score is largest at [1]');
  for (const reason of chooseKernel().passedOver) expect(proved.stdout).toContain(`no faster kernel: ${reason}`);
  expect(proved.stdout).toContain('age = [0.5, 0.25]');
  const opening = at('proof.opening.json');
  expect(statSync(opening).mode & 0o777).toBe(0o600);
  const [{ salt }] = JSON.parse(readFileSync(opening, 'utf8')).tensors;
  expect(readFileSync(at('proof.json'), 'utf8')).not.toContain(salt);

  const verify = (...args: string[]) => vouch('verify', at('proof.json'), '-k', model, ...args);
  const other = write('other.json', { age: [[0.5, 0.25]], income: [[0.25, 0.5]] });
  const forged = JSON.parse(readFileSync(opening, 'utf8'));
  forged.tensors[0].integers.reverse();
  const plain = await verify();
  const opened = await verify('--opening', opening, '--expect-input', data);
  const differs = await verify('--opening', opening, '--expect-input', other);
  const lied = await verify('--opening', write('forged.json', forged));
  expect(plain.code).toBe(0);
  expect(plain.stdout).toContain('income has commitment ');
  expect(plain.stdout).toContain('not pinned: input "income" is hashed: only who has the opening can tell what it was');
  expect(plain.stdout).not.toContain('0.75');
  expect(opened.code).toBe(0);
  expect(opened.stdout).toContain('opened: income = [0.25, 0.75]');
  expect(opened.stdout).not.toContain('not pinned: input');
  expect(differs).toMatchObject({ code: 1 });
  expect(differs.stdout).toContain('the proof does not hold: input "income"[1] is 0.75, not 0.5');
  expect(lied).toMatchObject({ code: 1 });
  expect(lied.stdout).toContain('the opening of input "income" does not open the commitment');

  const blind = await verify('--expect-input', data);
  expect(blind).toMatchObject({ code: 1 });
  expect(blind.stdout).toContain('the expected input "income" cannot be compared');
  forged.tensors[0].name = '\u001b[2Jthe proof holds';
  const dressed = await verify('--opening', write('dressed.json', forged));
  expect(dressed).toMatchObject({ code: 1 });
  expect(dressed.stdout).not.toContain('\u001b');
  expect(dressed.stdout).toContain('\\x1b[2J');
});

test('a proof is about what was committed to before', async () => {
  const model = at('model.vouch');
  const [first, second] = [at('first.opening.json'), at('second.opening.json')];
  const commit = async (output: string) => {
    const { code, stdout, stderr } = await vouch('commit', model, '-i', at('data.json'), '-o', output, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).commitments[0].commitment;
  };
  const [own, fresh] = [await commit(first), await commit(second)];
  expect(own).not.toBe(fresh);
  expect(statSync(first).mode & 0o777).toBe(0o600);

  const prove = (data: string, ...args: string[]) =>
    vouch('prove', model, '-i', at(data), '-o', at('later.json'), '--committed', ...args, '--quiet');
  const proved = await prove('data.json', first);
  expect(proved.code, proved.stderr).toBe(0);
  const signals: string[] = JSON.parse(readFileSync(at('later.json'), 'utf8')).publicSignals;
  expect(signals.at(-1)).toBe(own);
  const opened = await vouch('verify', at('later.json'), '-k', model, '--opening', first);
  expect(opened.stdout).toContain('opened: income = [0.25, 0.75]');
  expect((await vouch('verify', at('later.json'), '-k', model, '--opening', second)).code).toBe(1);

  const differs = await prove('other.json', first);
  expect(differs).toMatchObject({ code: 2 });
  expect(differs.stderr).toContain('The input "income" is not the one that was committed to.');
  const altered = JSON.parse(readFileSync(first, 'utf8'));
  altered.tensors[0].salt = '7';
  expect(await prove('data.json', write('altered.json', altered))).toMatchObject({ code: 2 });
  const batch = await vouch('prove', model, '--batch', at('data.json'), '-o', at('many'), '--committed', first);
  expect(batch.stderr).toContain('one sample (--input)');
  const foreign = write('foreign.json', { ...JSON.parse(readFileSync(first, 'utf8')), modelId: `0x${'1'.repeat(64)}` });
  expect(await prove('data.json', foreign)).toMatchObject({ code: 2 });
});
