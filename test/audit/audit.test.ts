import { Buffer } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonRpcProvider, NonceManager } from 'ethers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { type LocalChain, startLocalChain } from '../../src/evm/anvil.ts';
import { deployVerifier } from '../../src/evm/deploy.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { compile, joinChunks, modelFile } from '../../src/pipeline/pipeline.ts';
import { setup } from '../../src/pipeline/setup.ts';
import type { Matrix, System } from '../../src/r1cs/system.ts';
import { type OpenedModel, openModel, writeKeys, writeModel } from '../../src/store/directory.ts';
import { fileNames } from '../../src/store/file-names.ts';
import { encodeLayout } from '../../src/verify/layout.ts';
import { encodeModelFile, type ModelFile } from '../../src/verify/model-file.ts';
import { vouch, writeTinyModel } from '../keys/tiny-model.ts';
import { replaceIn, reseal, tamper } from './tamper.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const kernel = createSnarkjsKernel();
const folder = mkdtempSync(join(tmpdir(), 'vouch-audit-'));
const at = (name: string) => join(folder, name);
const onnx = writeTinyModel(at('model.onnx'));
const otherOnnx = writeTinyModel(at('other.onnx'), 0.75);
const honest = at('honest.vouch');
const other = at('other.vouch');
let model: OpenedModel;
let file: ModelFile;
let otherFile: ModelFile;
let chain: LocalChain;

async function make(path: string, directory: string): Promise<ModelFile> {
  const compiled = await compile(path);
  await writeModel(directory, compiled, compiled.report);
  const keys = await setup(compiled, { kernel });
  await writeKeys(await openModel(directory), keys.zkey, keys.file);
  return keys.file;
}

beforeAll(async () => {
  file = await make(onnx, honest);
  otherFile = await make(otherOnnx, other);
  model = await openModel(honest);
  chain = await startLocalChain();
});
afterAll(async () => {
  await chain.stop();
  await kernel.close();
  rmSync(folder, { recursive: true });
});

/** Names of the checks that fail. */
async function failures(directory: string, path = onnx, contract?: { address: string; rpc: string }) {
  const { checks, passed } = await audit(path, directory, { kernel, contract });
  const failed = checks.filter(({ status }) => status === 'fails').map(({ name }) => name);
  expect(passed).toBe(failed.length === 0);
  return failed;
}

/** The honest directory with the key of another circuit, and everything else adapted to it. */
async function keyOf(name: string, system: System): Promise<string> {
  const { zkey, verifyingKey } = await createDevelopmentKey(system);
  const directory = tamper(honest, at(name), () => {});
  await writeKeys({ ...model, path: directory }, zkey, modelFile(model, verifyingKey, 'insecure-dev'));
  return directory;
}

/** Another coefficient in the last term of the side that is not of the constant wire. */
function alter(matrix: Matrix): Matrix {
  const coefficient = matrix.coefficient.slice();
  coefficient[matrix.wire.findLastIndex((wire) => wire > 0)] += 1;
  return { ...matrix, coefficient };
}

test('an honest directory passes every check', async () => {
  const { checks, passed, beyond } = await audit(onnx, honest, { kernel });
  expect(passed).toBe(true);
  expect(checks.map(({ name, status }) => [name, status])).toEqual([
    ...['files', 'ONNX file', 'external data', 'quantised graph', 'constraint system', 'layout'].map((name) => [
      name,
      'holds',
    ]),
    ['calibration data', 'unchecked'],
    ...['verifying key', 'verification file', 'model id', 'manifest', 'trust level'].map((name) => [name, 'holds']),
    ...['sizes', 'sides A and B', 'points', 'both groups'].map((what) => [`proving key: ${what}`, 'holds']),
    ['self-test', 'holds'],
  ]);
  expect(beyond.join()).toContain('its maker can forge proofs');
});

test('a model that hashes its tensors passes too', async () => {
  const wide = writeTinyModel(at('wide.onnx'), 1);
  const visibility = { inputs: new Map([['x', 'hashed']] as const), outputs: new Map([['y', 'hashed']] as const) };
  const compiled = await compile(wide, { visibility });
  const directory = at('hashed.vouch');
  await writeModel(directory, compiled, compiled.report);
  const keys = await setup(compiled, { kernel });
  await writeKeys(await openModel(directory), keys.zkey, keys.file);
  expect(await failures(directory)).toEqual([]);
  const lie = tamper(directory, at('shown.vouch'), (path) => replaceIn(path('recipe.json'), '"hashed"', '"public"'));
  reseal(lie);
  expect(await failures(lie)).toEqual(expect.arrayContaining(['quantised graph', 'constraint system', 'layout']));
});

test('other weights in the ONNX file show in all that follows from it', async () => {
  const failed = await failures(honest, otherOnnx);
  expect(failed).toEqual(
    expect.arrayContaining(['ONNX file', 'quantised graph', 'constraint system', 'model id', 'self-test']),
  );
  expect(failed).not.toContain('files');
});

test('a directory of another model that claims this ONNX file is found out', async () => {
  const lie = tamper(other, at('claims.vouch'), (path) => {
    const core = { ...otherFile.core, onnxDigest: model.digests.onnx };
    writeFileSync(path('verification.json'), encodeModelFile({ ...otherFile, core }));
  });
  reseal(lie, (manifest) => ({ ...manifest, onnx: model.digests.onnx }));
  const failed = await failures(lie);
  expect(failed).toEqual(
    expect.arrayContaining(['quantised graph', 'constraint system', 'model id', 'manifest', 'self-test']),
  );
  expect(failed).not.toContain('files');
  expect(failed).not.toContain('ONNX file');
});

test('tampered weights in the quantised graph are found, with the manifest adapted or not', async () => {
  const lie = tamper(honest, at('weights.vouch'), (path) => {
    const bytes = readFileSync(path('quantised.bin'));
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(path('quantised.bin'), bytes);
  });
  expect(await failures(lie)).toEqual(['files', 'quantised graph']);
  reseal(lie);
  expect(await failures(lie)).toEqual(['quantised graph']);
});

test('a key for a tampered constraint system is found, whichever side was tampered with', async () => {
  const { system } = model.circuit;
  expect(await failures(await keyOf('side-a.vouch', { ...system, a: alter(system.a) }))).toEqual([
    'proving key: sides A and B',
  ]);
  expect(await failures(await keyOf('side-c.vouch', { ...system, c: alter(system.c) }))).toEqual(['self-test']);
  const lie = tamper(honest, at('r1cs.vouch'), () => {});
  reseal(lie, (manifest) => ({ ...manifest, r1cs: manifest.onnx }));
  expect(await failures(lie)).toEqual(['constraint system']);
});

test('another proving key of the same circuit is found', async () => {
  const { zkey } = await setup(model, { selfTest: 'skip' });
  const lie = tamper(honest, at('key.vouch'), (path) => writeFileSync(path('proving.zkey'), joinChunks(zkey)));
  expect(await failures(lie)).toEqual(['files', 'verifying key', 'self-test']);
  reseal(lie);
  expect(await failures(lie)).toEqual(['verifying key', 'self-test']);
});

test('another layout is found, however consistent it is', async () => {
  const [output] = model.layout.outputs;
  const layout = { ...model.layout, outputs: [{ ...output, scale: 2 * output.scale }] };
  const lie = tamper(honest, at('layout.vouch'), (path) => {
    writeFileSync(path(fileNames.layout), encodeLayout(layout));
    const forged = modelFile({ ...model, layout }, file.verifyingKey, 'insecure-dev');
    writeFileSync(path('verification.json'), encodeModelFile(forged));
  });
  reseal(lie);
  expect(await failures(lie)).toEqual(['layout', 'verification file', 'model id', 'manifest']);
});

test('a claimed trust level and a changed recipe are found', async () => {
  const lie = tamper(honest, at('trust.vouch'), (path) => replaceIn(path('manifest.json'), 'insecure-dev', 'ceremony'));
  expect(await failures(lie)).toEqual(['trust level']);
  const coarse = tamper(honest, at('coarse.vouch'), (path) =>
    replaceIn(path('recipe.json'), /"weightBits":\d+/g, '"weightBits":1'),
  );
  expect(await failures(coarse)).toEqual(expect.arrayContaining(['files', 'quantised graph', 'constraint system']));
});

test('deployed code is compared byte by byte', async () => {
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const signer = new NonceManager(await provider.getSigner());
    const deploy = async (f: ModelFile) => {
      const { address } = await deployVerifier(signer, { ...f, layout: encodeLayout(f.layout) });
      return { address, rpc: chain.url };
    };
    expect(await failures(honest, onnx, await deploy(file))).toEqual([]);
    const { checks } = await audit(onnx, honest, { kernel, contract: await deploy(otherFile) });
    expect(checks.at(-1)?.detail).toContain('with the data of another model');
    const person = { address: await signer.getAddress(), rpc: chain.url };
    expect((await audit(onnx, honest, { kernel, contract: person })).checks.at(-1)?.detail).toContain(
      'there is no code',
    );
    const { address } = await deploy(file);
    const code = Buffer.from((await provider.getCode(address)).slice(2), 'hex');
    code[40] ^= 1;
    await provider.send('anvil_setCode', [address, `0x${code.toString('hex')}`]);
    const patched = await audit(onnx, honest, { kernel, contract: { address, rpc: chain.url } });
    expect(patched.checks.at(-1)?.detail).toContain('is another program');
    const gone = { address, rpc: 'http://user:secret@127.0.0.1:9/key' };
    const failure: unknown = await audit(onnx, honest, { kernel, contract: gone }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'Evm.RpcUnavailableError' });
    expect(String(failure)).not.toMatch(/secret|key/);
  } finally {
    provider.destroy();
  }
});

test('the command line: a table with a sign per check, and the exit code', async () => {
  const [good, bad, broken, ceremony] = await Promise.all([
    vouch('audit', onnx, honest, '--quiet'),
    vouch('audit', otherOnnx, honest, '--json', '--quiet'),
    vouch('audit', onnx, folder),
    vouch('audit', onnx, honest, '--address', '0x12'),
  ]);
  expect([good.code, bad.code, broken.code, ceremony.code]).toEqual([0, 1, 2, 2]);
  expect(good.stdout).toMatch(/✓ {2}constraint system/);
  expect(good.stdout).toContain('everything that was checked is true');
  expect(JSON.parse(bad.stdout).passed).toBe(false);
  expect(broken.stderr).toContain('is not a compiled model');
});
