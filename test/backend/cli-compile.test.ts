import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';
import { runInProcess } from '../cli/in-process.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-cli-compile-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);
const onnx = writeTinyModel(at('tiny.onnx'));

/** A program `ezkl` whose circuit answers 5/16 to every sample, and keeps what it was given. */
const PROGRAM = `#!/bin/sh
[ "$1" = --version ] && echo "ezkl 23.0.5" && exit
for word in "$@"; do
  case $word in
    --settings-path=*) settings=\${word#*=} ;;
    --compiled-circuit=*) circuit=\${word#*=} ;;
    --data=*) data=\${word#*=} ;;
    --output=*) output=\${word#*=} ;;
  esac
done
case $1 in
  gen-settings)
    [ -e ${at('refuses')} ] && mv ${at('refuses')} ${at('refused')} && echo 'Unimplemented(Gelu)' >&2 && exit 1
    echo '{"version":"23.0.5","run_args":{"logrows":3},"num_rows":5,"model_input_scales":[4],"model_output_scales":[4],"model_instance_shapes":[[1,1]]}' > "$settings" ;;
  calibrate-settings) cp "$data" ${at('calibrated.json')} ;;
  compile-circuit) echo circuit > "$circuit" ;;
  gen-witness)
    [ -e ${at('fails')} ] && . ${at('fails')}
    cat "$data" >> ${at('solved.jsonl')}
    echo >> ${at('solved.jsonl')}
    echo '{"outputs":[["05${'00'.repeat(31)}"]]}' > "$output" ;;
esac
`;

beforeAll(() => {
  writeFileSync(at('ezkl'), PROGRAM);
  chmodSync(at('ezkl'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  vi.stubEnv('XDG_CACHE_HOME', at('cache'));
});
beforeEach(() => rmSync(at('solved.jsonl'), { force: true }));

const compile = (...args: string[]) =>
  runInProcess([addCompile], 'compile', onnx, '--backend', 'ezkl', '-o', at('model.vouch'), '--quiet', ...args);

/** The values of input x in files of EZKL's, one sample after the other. */
const valuesIn = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => JSON.parse(line).input_data[0]);

test.each(['file', 'rewritten'])('without samples, the %s network is compared on drawn ones', async (form) => {
  if (form === 'rewritten') writeFileSync(at('refuses'), '');
  const { code, stdout, stderr } = await compile('--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { network, float } = JSON.parse(stdout);
  expect(network).toBe(form);
  expect(float).toMatchObject({ samples: 8, drawn: true, calibratedOn: false });
  expect(float.reference).toMatch(/^onnxruntime /);
  const [solved, calibrated] = [valuesIn(at('solved.jsonl')), valuesIn(at('calibrated.json'))];
  expect([solved.length, calibrated.length]).toEqual([16, 40]);
  expect(solved.filter((value) => calibrated.includes(value))).toEqual([]);
  const runtime = await openFloatRuntime(onnx, [{ name: 'x', shape: [1, 2] }]);
  let most = 0;
  for (let i = 0; i < 8; i++) {
    const outputs = await runtime.run(new Map([['x', Float64Array.from(solved.slice(2 * i, 2 * i + 2))]]));
    most = Math.max(most, Math.abs(5 / 16 - (outputs.get('y')?.[0] ?? Number.NaN)));
  }
  await runtime.close();
  expect(float.maxDelta).toBe(most);
  const { stdout: text } = await compile();
  expect(text).toMatch(/max \|Δ\| 0\.\d+ against onnxruntime .* on 8 samples drawn at random\n/);
});

test.each([
  [22, 2, false, / on 2 samples\n/],
  [3, 3, true, / on 3 samples that calibration has seen\n/],
])('of %i given samples, %i are compared', async (given, samples, calibratedOn, line) => {
  const rows = Array.from({ length: given }, (_, i) => ({ x: [[i / 64, -i / 64]] }));
  writeFileSync(at('rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const { stdout } = await compile('--calibrate', at('rows.jsonl'), '--json');
  expect(JSON.parse(stdout).float).toMatchObject({ samples, calibratedOn, drawn: false });
  expect(valuesIn(at('solved.jsonl'))[0]).toBe(calibratedOn ? 0 : 20 / 64);
  expect((await compile('--calibrate', at('rows.jsonl'))).stdout).toMatch(line);
});

test.each([
  [
    'cannot solve the samples',
    "echo 'value (-30) out of range' >&2; exit 1",
    'EZKL refused gen_witness: value (-30) out',
  ],
  ['is killed over the samples', 'kill -KILL $$', 'EZKL ended during gen_witness with signal SIGKILL'],
])('a circuit that %s is written, and the output says so', async (_, fails, message) => {
  writeFileSync(at('fails'), fails);
  const { code, stdout } = await compile();
  rmSync(at('fails'));
  expect(stdout).toContain(`not compared with the float model: ${message}`);
  expect(code).toBe(0);
  expect(readdirSync(at('model.vouch')).sort()).toEqual([
    'manifest.json',
    'model.compiled',
    'network.onnx',
    'settings.json',
  ]);
});
