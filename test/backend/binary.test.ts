import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { commandLine, openBinary } from '../../src/backend/ezkl/binary.ts';
import { diagnose } from '../../src/backend/ezkl/doctor.ts';
import { callLimits, findTool } from '../../src/backend/ezkl/find-tool.ts';
import { environmentFolder, pythonOf } from '../../src/backend/ezkl/places.ts';
import { anyCall } from './fake-bridge.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-binary-'));
afterAll(() => rmSync(folder, { recursive: true }));
const limits = callLimits({ memoryMb: 500, timeoutMs: 20_000 });
const path = process.env.PATH;
let program: string;

beforeEach(() => {
  process.env.XDG_CACHE_HOME = folder;
  const inside = mkdtempSync(join(folder, 'bin-'));
  program = join(inside, 'ezkl');
  process.env.PATH = `${inside}${delimiter}${path}`;
  return () => {
    process.env.PATH = path;
  };
});

/** A program that says its version and otherwise does this. */
function writeProgram(version: string, work: string): void {
  const log = join(folder, 'words');
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = --version ] && echo "ezkl ${version}" && exit\necho "$@" > ${log}\n${work}\n`,
  );
  chmodSync(program, 0o755);
}

test('a program of the right version is taken before the wheel, and called word for word', async () => {
  writeProgram('23.0.5', 'echo done');
  const tool = await findTool(limits);
  expect(tool).toMatchObject({ kind: 'binary', version: '23.0.5', path: program });
  expect(await tool.call('gen_srs', anyCall)).toBe(true);
  expect(readFileSync(join(folder, 'words'), 'utf8')).toBe('gen-srs --srs-path=/nowhere/kzg.srs --logrows=4\n');
  expect(await diagnose()).toMatchObject({ used: 'binary' });
});

test('a program of another version is passed over, and said so where there is nothing else', async () => {
  writeProgram('22.1.0', 'echo done');
  await expect(openBinary(program, limits)).rejects.toMatchObject({ name: 'Backend.EzklVersionError' });
  await expect(findTool(limits)).rejects.toMatchObject({
    name: 'Backend.NoEzklError',
    message: expect.stringMatching(
      /^EZKL 23\.0\.5 is not installed; get it with: .*\n.*version 22\.1\.0, not 23\.0\.5/,
    ),
  });
  const { used, findings } = await diagnose();
  expect(used).toBeUndefined();
  expect(findings[0]).toMatchObject({ part: 'binary', status: 'other version', version: '22.1.0', place: program });
});

test('a program that cannot be started is passed over, too', async () => {
  writeFileSync(program, '#!/nowhere/python\n');
  chmodSync(program, 0o755);
  await expect(findTool(limits)).rejects.toMatchObject({
    name: 'Backend.NoEzklError',
    message: expect.stringContaining(`"${program}" cannot be used`),
  });
  const python = pythonOf(environmentFolder());
  mkdirSync(dirname(python), { recursive: true });
  writeFileSync(python, `#!/bin/sh\necho '{"kind":"ready","protocol":1,"version":"23.0.5"}'\nread -r line\n`);
  chmodSync(python, 0o755);
  const tool = await findTool(limits);
  expect(tool.kind).toBe('wheel');
  await tool.close();
  rmSync(environmentFolder(), { recursive: true });
});

test.each([
  ['refuses', 'echo "[graph] no such operator" >&2; exit 1', { name: 'Backend.EzklRefusedError' }],
  ['has no room', 'echo "No space left on device (os error 28)" >&2; exit 1', { code: 'ENOSPC' }],
  [
    'aborts',
    'echo "memory allocation of 9999999 bytes failed" >&2; kill -ABRT $$',
    { name: 'Backend.OutOfMemoryError' },
  ],
  ['is killed', 'kill -KILL $$', { name: 'Backend.EzklEndedError', message: expect.stringContaining('SIGKILL') }],
])('a program that %s is an error that says so', async (_, work, expected) => {
  writeProgram('23.0.5', work);
  const tool = await openBinary(program, limits);
  await expect(tool.call('gen_srs', anyCall)).rejects.toMatchObject(expected);
});

test('the words of every call', () => {
  const lines = [
    commandLine('gen_settings', {
      model: 'm.onnx',
      output: 's.json',
      py_run_args: { input_visibility: 'private', param_visibility: 'fixed', output_visibility: 'public' },
    }),
    commandLine('calibrate_settings', {
      data: 'd.json',
      model: 'm.onnx',
      settings: 's.json',
      target: 'accuracy',
      lookup_safety_margin: 2,
      scales: null,
      scale_rebase_multiplier: [1],
      max_logrows: 20,
    }),
    commandLine('compile_circuit', { model: 'm.onnx', compiled_circuit: 'c', settings_path: 's.json' }),
    commandLine('setup', {
      model: 'c',
      vk_path: 'vk',
      pk_path: 'pk',
      srs_path: 'srs',
      witness_path: null,
      disable_selector_compression: false,
    }),
    commandLine('gen_witness', { data: 'd.json', model: 'c', output: 'w.json', vk_path: null, srs_path: null }),
    commandLine('prove', { witness: 'w.json', model: 'c', pk_path: 'pk', proof_path: 'p.json', srs_path: 'srs' }),
    commandLine('verify', {
      proof_path: 'p.json',
      settings_path: 's.json',
      vk_path: 'vk',
      srs_path: 'srs',
      reduced_srs: false,
    }),
    commandLine('create_evm_verifier', {
      vk_path: 'vk',
      settings_path: 's.json',
      sol_code_path: 'v.sol',
      abi_path: 'v.abi',
      srs_path: 'srs',
      reusable: false,
    }),
  ];
  expect(lines.map((words) => words.join(' '))).toMatchInlineSnapshot(`
    [
      "gen-settings --model=m.onnx --settings-path=s.json --input-visibility=private --param-visibility=fixed --output-visibility=public",
      "calibrate-settings --data=d.json --model=m.onnx --settings-path=s.json --target=accuracy --lookup-safety-margin=2 --scale-rebase-multiplier=1 --max-logrows=20",
      "compile-circuit --model=m.onnx --compiled-circuit=c --settings-path=s.json",
      "setup --compiled-circuit=c --vk-path=vk --pk-path=pk --srs-path=srs",
      "gen-witness --data=d.json --compiled-circuit=c --output=w.json",
      "prove --witness=w.json --compiled-circuit=c --pk-path=pk --proof-path=p.json --srs-path=srs",
      "verify --proof-path=p.json --settings-path=s.json --vk-path=vk --srs-path=srs",
      "create-evm-verifier --vk-path=vk --settings-path=s.json --sol-code-path=v.sol --abi-path=v.abi --srs-path=srs",
    ]
  `);
});
