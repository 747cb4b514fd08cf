import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EzklManifest, encodeEzklManifest, ezklModelId } from '../../src/backend/ezkl/manifest.ts';
import { identityFiles, openEzklFolder } from '../../src/backend/ezkl/model-folder.ts';
import { decodeEzklProofFile } from '../../src/backend/ezkl/proof-file.ts';
import { EzklEndedError } from '../../src/backend/ezkl/supervise.ts';
import { EzklRefusedError, refusal } from '../../src/backend/ezkl/tool.ts';
import { createEzkl, type EzklOptions } from '../../src/backend/ezkl.ts';
import { encodeEzklCalldata } from '../../src/evm/ezkl/statement.ts';
import { writeTinyModel } from '../keys/tiny-model.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-verbs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const onnx = writeTinyModel(at('tiny.onnx'));
const sample = new Map([['x', Float64Array.of(0.5, 0.25)]]);
// A setup for development is kept in the user's cache.
process.env.XDG_CACHE_HOME = at('cache');

type Changes = Parameters<typeof makeFakeEzkl>[0];

function backendOf(changes: Changes = {}, options: EzklOptions = {}) {
  const ezkl = makeFakeEzkl(changes);
  return { ezkl, backend: createEzkl({ ...options, openTool: async () => ezkl }) };
}

const made = at('made.vouch');
let directory: string;
let proof: string;

beforeAll(async () => {
  const { backend } = backendOf();
  await backend.compile({ onnx, directory: made });
  await backend.setup({ directory: made });
  await backend.prove({ directory: made, sample, output: join(made, 'proof.json') });
});

beforeEach(() => {
  directory = mkdtempSync(at('case-'));
  cpSync(made, directory, { recursive: true });
  proof = join(directory, 'proof.json');
});

/** Every file of a folder and what it holds. */
const contents = (path: string) => readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]);

function changeJson(path: string, change: (json: Record<string, unknown>) => object): void {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...json, ...change(json) }, null, 1));
}

test('a model goes through the five verbs, and EZKL gets the usual visibilities', async () => {
  const { ezkl, backend } = backendOf();
  const path = at('five.vouch');
  const compiled = await backend.compile({ onnx, directory: path });
  expect(compiled).toMatchObject({ rows: 5, details: { version: '23.0.5', logrows: 3, network: 'file' } });
  expect(ezkl.calls[0]).toMatchObject({
    name: 'gen_settings',
    given: {
      py_run_args: { input_visibility: 'private', param_visibility: 'fixed', output_visibility: 'public' },
    },
  });
  const keys = await backend.setup({ directory: path });
  expect(keys).toMatchObject({ trust: 'insecure-dev', srs: 'generated', proofBytes: 64 });
  const proved = await backend.prove({ directory: path, sample, output: at('five.json') });
  expect(proved.inputs).toEqual([{ name: 'x', visibility: 'private' }]);
  expect(proved.outputs).toMatchObject([{ name: 'y', integers: [5n], values: [0.3125], visibility: 'public' }]);
  expect(await backend.verify({ directory: path, proof: at('five.json') })).toEqual({
    valid: true,
    reasons: [],
    modelId: proved.modelId,
    trust: proved.trust,
    inputs: proved.inputs,
    outputs: proved.outputs,
    srs: 'generated',
  });
  const file = decodeEzklProofFile(readFileSync(at('five.json'), 'utf8'));
  const calldata = await backend.calldata({ directory: path, proof: at('five.json') });
  expect(calldata).toBe(encodeEzklCalldata({ proof: file.proof, signals: [5n] }));
  expect(await backend.infer({ directory: path, samples: [sample] })).toEqual([
    new Map([['y', Float64Array.of(0.3125)]]),
  ]);
  await backend.close();
  expect(ezkl.closed()).toBe(true);
  expect(readdirSync(path).sort()).toEqual([
    'kzg.srs',
    'manifest.json',
    'model.compiled',
    'network.onnx',
    'pk.key',
    'settings.json',
    'verifier.sol',
    'vk.key',
  ]);
});

test('compiling twice gives the same manifest, and another input visibility another model', async () => {
  const manifestOf = async (name: string, visibility = {}) => {
    const { backend } = backendOf();
    await backend.compile({ onnx, directory: at(name), visibility });
    return (await openEzklFolder(at(name))).manifest;
  };
  expect(await manifestOf('once.vouch')).toEqual(await manifestOf('twice.vouch'));
  const hashed = await manifestOf('hashed.vouch', { inputs: new Map([['x', 'hashed']]) });
  expect(hashed.inputs[0].visibility).toBe('hashed');
});

test.each([
  ['model.compiled', 'prove'],
  ['pk.key', 'prove'],
  ['kzg.srs', 'verify'],
  ['settings.json', 'verify'],
  ['vk.key', 'verify'],
  ['settings.json', 'setup'],
] as const)('a changed %s is refused by %s, with both digests', async (name, verb) => {
  const { ezkl, backend } = backendOf();
  writeFileSync(join(directory, name), 'another file');
  const { manifest } = await openEzklFolder(directory);
  const run = {
    setup: () => backend.setup({ directory }),
    prove: () => backend.prove({ directory, sample, output: join(directory, 'new.json') }),
    verify: () => backend.verify({ directory, proof }),
  }[verb];
  await expect(run()).rejects.toMatchObject({
    name: 'Store.DigestMismatchError',
    message: expect.stringMatching(new RegExp(`${name}[^]*${manifest.files.get(name)}[^]*got 0x`)),
  });
  expect(ezkl.calls).toEqual([]);
  expect(readdirSync(directory)).not.toContain('new.json');
});

test.each(['model.compiled', 'vk.key'])('a missing %s is named', async (name) => {
  rmSync(join(directory, name));
  const { backend } = backendOf();
  const prove = backend.prove({ directory, sample, output: join(directory, 'new.json') });
  await expect(prove).rejects.toThrow(new RegExp(`${name}" cannot be read`));
});

test.each([
  ['manifest.json', 'prove'],
  ['proof.json', 'verify'],
] as const)('a %s of another version is refused with both versions', async (name, verb) => {
  changeJson(join(directory, name), () => ({ version: '22.1.0' }));
  const { backend } = backendOf();
  const work =
    verb === 'prove'
      ? backend.prove({ directory, sample, output: join(directory, 'new.json') })
      : backend.verify({ directory, proof });
  await expect(work).rejects.toMatchObject({
    name: 'Backend.EzklVersionError',
    message: expect.stringMatching(/22\.1\.0, not 23\.0\.5/),
  });
});

const wrong = `0x${'1'.repeat(64)}` as const;

test.each<[string, (manifest: EzklManifest) => Partial<EzklManifest>]>([
  ['another scale', ({ outputs }) => ({ outputs: outputs.map((tensor) => ({ ...tensor, scaleBits: 0 })) })],
  ['another ONNX file', () => ({ onnx: wrong })],
  ['another contract', ({ files }) => ({ files: new Map([...files, ['verifier.sol', wrong]]) })],
  ['another key', ({ files }) => ({ files: new Map([...files, ['vk.key', wrong]]) })],
])('a folder that keeps its name with %s is refused', async (_, change) => {
  const { manifest } = await openEzklFolder(directory);
  writeFileSync(join(directory, 'manifest.json'), encodeEzklManifest({ ...manifest, ...change(manifest) }));
  await expectUntrue(manifest.keys?.modelId ?? '');
});

test.each([
  ['calls its own setup the public one', { srs: 'public', trust: 'ceremony' }, 'is called public'],
  ['trusts a setup made for development', { trust: 'ceremony' }, 'made for development'],
] as const)('a folder that %s is refused, whatever its name', async (_, change, message) => {
  const { manifest } = await openEzklFolder(directory);
  if (manifest.keys === null) throw new Error('setup made no keys');
  const keys = { ...manifest.keys, ...change };
  const modelId = ezklModelId(manifest, keys, identityFiles);
  writeFileSync(join(directory, 'manifest.json'), encodeEzklManifest({ ...manifest, keys: { ...keys, modelId } }));
  changeJson(proof, () => ({ modelId, trust: 'ceremony' }));
  await expectUntrue(message);
});

/** No verb that rests on the keys may believe the folder. */
async function expectUntrue(message: string): Promise<void> {
  const { ezkl, backend } = backendOf();
  const output = join(directory, 'new.json');
  const verbs = [
    () => backend.verify({ directory, proof }),
    () => backend.prove({ directory, sample, output }),
    () => backend.calldata({ directory, proof }),
  ];
  for (const verb of verbs) {
    await expect(verb()).rejects.toMatchObject({
      name: 'Backend.UntrueManifestError',
      message: expect.stringContaining(message),
    });
  }
  expect(ezkl.calls).toEqual([]);
}

test('settings of another version than asked for are refused', async () => {
  const { backend } = backendOf({
    calibrate_settings: ({ settings }) => {
      changeJson(settings, () => ({ version: '22.1.0' }));
      return true;
    },
  });
  const compile = backend.compile({ onnx, directory: at('other.vouch') });
  await expect(compile).rejects.toMatchObject({ name: 'Backend.EzklVersionError' });
  expect(readdirSync(folder)).not.toContain('other.vouch');
});

const killed = () => Promise.reject(new EzklEndedError('setup', 'signal SIGKILL', []));
const full = () => Promise.reject(Object.assign(new Error('No space left on device'), { code: 'ENOSPC' }));

test.each([
  ['is killed at the keys', { setup: killed }, 'Backend.EzklEndedError'],
  ['is killed at the contract', { create_evm_verifier: killed }, 'Backend.EzklEndedError'],
  ['finds the disk full', { setup: full }, 'FullDiskError'],
  ['writes half a contract', { create_evm_verifier: cutShort }, 'Backend.UnreadableContractError'],
] as const)('a setup that %s leaves the folder as it was', async (_, changes, name) => {
  const before = contents(directory);
  const { ezkl, backend } = backendOf(changes);
  await expect(backend.setup({ directory })).rejects.toMatchObject({ name });
  expect(contents(directory)).toEqual(before);
  expect(ezkl.closed()).toBe(true);
});

test('a setup of a model that is compiled anew meanwhile is not kept', async () => {
  const other = writeTinyModel(at('other.onnx'), 2);
  const { backend } = backendOf({
    setup: async ({ vk_path, pk_path }) => {
      await backendOf().backend.compile({ onnx: other, directory });
      for (const path of [vk_path, pk_path]) writeFileSync(path, 'key');
      return true;
    },
  });
  await expect(backend.setup({ directory })).rejects.toMatchObject({ name: 'Backend.FolderChangedError' });
  const { manifest } = await openEzklFolder(directory);
  expect(manifest.keys).toBeNull();
  expect(await backendOf().backend.setup({ directory })).toMatchObject({ trust: 'insecure-dev' });
});

function cutShort({ sol_code_path }: { readonly sol_code_path: string }): null {
  writeFileSync(sol_code_path, 'contract Halo2Verifier { function verifyProof() { eq(0x40, proof.len');
  throw new EzklRefusedError('create_evm_verifier', '[eth] svm error: error sending request');
}

test('too little memory or room is an error, not a wrong proof', async () => {
  const complaining = (complaint: string) => (): never => {
    throw refusal('verify', 100, complaint);
  };
  const verdict = (complaint: string) =>
    backendOf({ verify: complaining(complaint) }).backend.verify({ directory, proof });
  await expect(verdict('memory allocation of 4096 bytes failed')).rejects.toMatchObject({
    name: 'Backend.OutOfMemoryError',
  });
  await expect(verdict('[io] No space left on device (os error 28)')).rejects.toMatchObject({ name: 'FullDiskError' });
  expect(await verdict('[halo2] The constraint system is not satisfied')).toMatchObject({ valid: false });
});

test.each([
  '[halo2] The constraint system is not satisfied',
  '[halo2] Multi-opening proof was invalid',
  '[halo2] Transcript error: Invalid elliptic curve point encoding in proof',
  '[halo2] Transcript error: Invalid scalar encoding in proof',
])('EZKL says "%s" of a proof that does not hold', async (complaint) => {
  const { backend } = backendOf({
    verify: () => {
      throw refusal('verify', 100, `Failed to run verify: ${complaint}`);
    },
  });
  expect(await backend.verify({ directory, proof })).toMatchObject({ valid: false, reasons: [complaint], outputs: [] });
});

test.each([
  'Failed to run verify: [pfsys] failed to load vk from file: failed to fill whole buffer',
  'Failed to run verify: [srs] failed to read srs failed to fill whole buffer',
  'Failed to run verify: [io] unknown field `run^args`, expected one of `run_args`, `num_rows`',
  'PanicException: index out of bounds: the len is 0 but the index is 0',
  "TypeError: verify() got an unexpected keyword argument 'reduced_srs'",
  '',
])('that EZKL cannot tell is an error, not a wrong proof: "%s"', async (complaint) => {
  const { backend } = backendOf({
    verify: () => {
      throw refusal('verify', 100, complaint);
    },
  });
  const error = { name: 'Backend.NoVerdictError', message: expect.stringContaining(complaint) };
  await expect(backend.verify({ directory, proof })).rejects.toMatchObject(error);
  const output = join(directory, 'new.json');
  await expect(backend.prove({ directory, sample, output })).rejects.toMatchObject(error);
  expect(readdirSync(directory)).not.toContain('new.json');
});

test('no answer is no verdict, and a no is one', async () => {
  const silent = backendOf({ verify: () => null }).backend;
  await expect(silent.verify({ directory, proof })).rejects.toMatchObject({ name: 'Backend.NoVerdictError' });
  const denying = backendOf({ verify: () => false }).backend;
  expect(await denying.verify({ directory, proof })).toMatchObject({ valid: false });
});

test('a circuit larger than any is refused before a setup is made for it', async () => {
  changeJson(join(directory, 'manifest.json'), () => ({ logrows: 40 }));
  const { ezkl, backend } = backendOf();
  await expect(backend.setup({ directory })).rejects.toThrow('logrows: it is 40, at most 28 is expected');
  expect(ezkl.calls).toEqual([]);
});

test('a proof that EZKL does not accept again is not written', async () => {
  const { backend } = backendOf({ verify: () => false });
  const output = join(directory, 'new.json');
  await expect(backend.prove({ directory, sample, output })).rejects.toMatchObject({
    name: 'Backend.RefusedProofError',
  });
  expect(readdirSync(directory)).not.toContain('new.json');
});

test('an aborted verb rejects with the reason, and the next one starts EZKL anew', async () => {
  const { ezkl, backend } = backendOf();
  const signal = AbortSignal.abort(new Error('the user left'));
  await expect(backend.setup({ directory, signal })).rejects.toThrow('the user left');
  expect(ezkl.closed()).toBe(true);
  expect(await backend.verify({ directory, proof })).toMatchObject({ valid: true });
});

const changedProof = (hex: unknown, at: number): string => {
  const bytes = Buffer.from(String(hex).slice(2), 'hex');
  bytes[at] ^= 1;
  return `0x${bytes.toString('hex')}`;
};

test.each([
  ['a changed byte', (file: Record<string, unknown>) => ({ proof: changedProof(file.proof, 1) }), 'not satisfied', 1],
  ['another number', () => ({ instances: ['6'], values: { y: [0.375] } }), 'not satisfied', 1],
  ['another display', () => ({ values: { y: [0.5] } }), 'displays other numbers of y', 0],
  [
    'a byte less',
    (file: Record<string, unknown>) => ({ proof: String(file.proof).slice(0, -2) }),
    '63 bytes, not 64',
    0,
  ],
  ['a word more', (file: Record<string, unknown>) => ({ proof: `${file.proof}${'0'.repeat(64)}` }), '96 bytes', 0],
  ['numbers of a private input', () => ({ values: { y: [0.3125], x: [1, 2] } }), 'displays numbers of x', 0],
  ['a number more', () => ({ instances: ['5', '0'] }), '2 numbers, not 1', 0],
  ['another model', () => ({ modelId: `0x${'1'.repeat(64)}` }), 'of model 0x1', 0],
  ['a higher trust', () => ({ trust: 'ceremony' }), 'claims trust ceremony', 0],
])('a proof with %s is false, with the reason', async (_, change, reason, asked) => {
  changeJson(proof, change);
  const { ezkl, backend } = backendOf();
  const verdict = await backend.verify({ directory, proof });
  expect(verdict).toMatchObject({ valid: false, inputs: [], outputs: [] });
  expect(verdict.reasons.join()).toContain(reason);
  expect(ezkl.calls).toHaveLength(asked);
  if (asked === 0) await expect(backend.calldata({ directory, proof })).rejects.toThrow(reason);
});

test.each([
  ['no JSON', '{'],
  ['no hex', { proof: '0xzz' }],
  [
    'a number that is no scalar',
    { instances: ['21888242871839275222246405745257275088548364400416034343698204186575808495617'] },
  ],
  ['an unknown field', { more: 1 }],
  ['no such format', { format: 'vouch-ezkl-proof-0' }],
])('a proof file with %s is an error', async (_, change) => {
  if (typeof change === 'string') writeFileSync(proof, change);
  else changeJson(proof, () => change);
  await expect(backendOf().backend.verify({ directory, proof })).rejects.toMatchObject({
    name: 'Verify.MalformedJsonError',
  });
});

test.each([
  [{ outputs: new Map([['y', 'argmax' as const]]) }, 'cannot publish the argmax'],
  [{ inputs: new Map([['z', 'public' as const]]) }, 'no input "z"'],
])('a visibility that EZKL does not have is refused', async (visibility, message) => {
  const compile = backendOf().backend.compile({ onnx, directory: at('none.vouch'), visibility });
  await expect(compile).rejects.toThrow(message);
  expect(readdirSync(folder)).not.toContain('none.vouch');
});

test('a network that EZKL cannot read is rewritten, unless its own form was asked for', async () => {
  const refuse = { first: true };
  const refuseOnce = ({ output }: { readonly output: string }) => {
    if (refuse.first) {
      refuse.first = false;
      throw new EzklRefusedError('gen_settings', '[tract] Unimplemented(Gelu)');
    }
    return makeFakeEzkl().call('gen_settings', { model: '', output, py_run_args: PRIVATE });
  };
  const { backend } = backendOf({ gen_settings: refuseOnce });
  const { details } = await backend.compile({ onnx, directory: at('again.vouch') });
  expect(details).toMatchObject({ network: 'rewritten', refused: '[tract] Unimplemented(Gelu)' });
  refuse.first = true;
  const strict = backendOf({ gen_settings: refuseOnce }, { network: 'file' }).backend;
  const compile = strict.compile({ onnx, directory: at('strict.vouch') });
  await expect(compile).rejects.toMatchObject({ name: 'Backend.EzklRefusedError' });
});

const PRIVATE = { input_visibility: 'private', param_visibility: 'fixed', output_visibility: 'public' } as const;
