import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isEzklFolder } from '../../src/backend/ezkl/model-folder.ts';
import { readSettings } from '../../src/backend/ezkl/settings.ts';
import { generateSrs, takeSrs } from '../../src/backend/ezkl/srs.ts';
import { readProofFile } from '../../src/backend/ezkl/verify.ts';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { VouchError } from '../../src/errors.ts';
import { openModel } from '../../src/store/directory.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-odd-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const sample = new Map([['x', Float64Array.of(0.5, 0.25)]]);
const backend = () => createEzkl({ openTool: async () => makeFakeEzkl() });
process.env.XDG_CACHE_HOME = at('cache');
const made = at('made.vouch');
const proof = at('proof.json');
let directory: string;

beforeAll(async () => {
  await backend().compile({ onnx: writeTinyModel(at('tiny.onnx')), directory: made });
  await backend().setup({ directory: made });
  await backend().prove({ directory: made, sample, output: proof });
});

beforeEach(() => {
  directory = mkdtempSync(at('case-'));
  cpSync(made, directory, { recursive: true });
});

/** What may lie in the place of a file; to read any of the first three to its end takes forever. */
const odd: Readonly<Record<string, (path: string) => void>> = {
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a file larger than any disk': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 43);
  },
  'a folder': (path) => mkdirSync(path),
  'a link to nowhere': (path) => symlinkSync('nowhere', path),
  'a link to itself': (path) => symlinkSync(path, path),
};

function put(kind: string, name: string): string {
  const path = join(directory, name);
  rmSync(path, { force: true });
  odd[kind](path);
  return path;
}

const verbs: Readonly<Record<string, () => Promise<unknown>>> = {
  setup: () => backend().setup({ directory }),
  prove: () => backend().prove({ directory, sample, output: at('new.json') }),
  verify: () => backend().verify({ directory, proof }),
};

const reads: readonly (readonly [name: string, verbs: readonly string[]])[] = [
  ['manifest.json', ['setup', 'prove', 'verify']],
  ['settings.json', ['setup', 'verify']],
  ['model.compiled', ['setup', 'prove']],
  ['pk.key', ['prove']],
  ['vk.key', ['verify']],
  ['kzg.srs', ['prove', 'verify']],
];

test.each(Object.keys(odd))('%s in the place of any file is an error that names it, at once', async (kind) => {
  for (const [name, readers] of reads) {
    put(kind, name);
    for (const verb of readers) {
      const error = await verbs[verb]().catch((reason: unknown) => reason);
      expect(error, `${verb} with ${name}`).toBeInstanceOf(VouchError);
      expect(error).toMatchObject({ message: expect.stringContaining(name) });
    }
    if (name === 'manifest.json') {
      expect(await isEzklFolder(directory)).toBe(false);
      await expect(openModel(directory)).rejects.toBeInstanceOf(VouchError);
    }
    rmSync(join(directory, name), { recursive: true });
    cpSync(join(made, name), join(directory, name));
  }
  expect(readdirSync(folder)).not.toContain('new.json');
});

test.each(Object.keys(odd))(
  '%s is no reference string, and one that is kept for development is passed over',
  async (kind) => {
    const ezkl = makeFakeEzkl();
    await expect(takeSrs({ path: put(kind, 'given.srs') }, 3, at('taken'))).rejects.toBeInstanceOf(VouchError);
    expect(readdirSync(folder)).not.toContain('taken');
    const kept = at('cache/vouch/insecure-srs');
    const [name] = readdirSync(kept).filter((file) => file.startsWith('k3-'));
    const whole = readFileSync(join(kept, name));
    rmSync(join(kept, name));
    odd[kind](join(kept, name));
    const to = join(directory, 'made.srs');
    expect(await generateSrs(ezkl, 3, to)).toMatchObject({ srs: 'generated' });
    expect(readFileSync(to)).toHaveLength(whole.length);
    rmSync(join(kept, name), { recursive: true, force: true });
  },
);

test.each(['a device', 'a file larger than any disk', 'a folder', 'a link to nowhere'])(
  '%s is no proof file',
  async (kind) => {
    await expect(readProofFile(put(kind, 'given.json'))).rejects.toBeInstanceOf(VouchError);
  },
);

test('a proof file may come through a pipe', async () => {
  const path = put('a pipe', 'given.json');
  spawn('sh', ['-c', 'exec cat "$0" > "$1"', proof, path]);
  expect(await readProofFile(path)).toEqual(await readProofFile(proof));
});

test.each([
  ['a number that is none', { model_input_scales: ['1e400'] }, 'model_input_scales'],
  ['a scale beyond the field', { model_output_scales: [1e308] }, 'model_output_scales'],
  ['a scale between two powers', { model_input_scales: [0.5] }, 'model_input_scales'],
  ['more tensors than any model', { model_instance_shapes: Array.from({ length: 2000 }, () => [1]) }, '2000 items'],
  ['a shape that is none', { model_instance_shapes: [{}] }, 'expected an array'],
  ['no version', { version: undefined }, 'version'],
  ['a version of a thousand pages', { version: '9'.repeat(1 << 20) }, 'version'],
])('settings with %s are refused', async (_, change, message) => {
  const path = join(directory, 'settings.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  await expect(readSettings(path)).rejects.toMatchObject({
    name: 'Verify.MalformedJsonError',
    message: expect.stringContaining(message),
  });
});
