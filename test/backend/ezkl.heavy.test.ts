import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonRpcProvider, NonceManager } from 'ethers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { instanceCount } from '../../src/backend/ezkl/displayed.ts';
import { diagnose } from '../../src/backend/ezkl/doctor.ts';
import { encodeEzklManifest, ezklModelId } from '../../src/backend/ezkl/manifest.ts';
import { type EzklFile, identityFiles, keysOf, openEzklFolder } from '../../src/backend/ezkl/model-folder.ts';
import { decodeEzklProofFile } from '../../src/backend/ezkl/proof-file.ts';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { VouchError } from '../../src/errors.ts';
import { compileEzklVerifier } from '../../src/evm/ezkl/contract.ts';
import { deployEzkl, ezklAdapterAt, verifyEzklOnChain } from '../../src/evm/ezkl/deploy.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';
import { digestFile } from '../../src/store/directory.ts';
import { type LocalSession, openLocalSession } from '../evm/session.ts';
import { MAIN, vouch, writeTinyModel } from '../keys/tiny-model.ts';

const { used, required } = await diagnose();
const skipped = used === undefined ? ` (skipped: EZKL ${required} is not installed; vouch backend install ezkl)` : '';
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 900_000 });

describe.runIf(used !== undefined)(`with EZKL${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vouch-ezkl-'));
  const at = (name: string) => join(folder, name);
  const onnx = at('tiny.onnx');
  const input = at('input.json');
  const [directory, proof] = [at('tiny.vouch'), at('tiny.json')];
  const backend = createEzkl({ memoryMb: 12_000 });
  let session: LocalSession | undefined;
  let provider: JsonRpcProvider;

  beforeAll(async () => {
    writeTinyModel(onnx);
    writeFileSync(input, JSON.stringify({ x: [[0.5, 0.25]] }));
    session = await openLocalSession();
    provider = session.provider;
    await backend.compile({ onnx, directory });
    await backend.setup({ directory });
    const [sample] = await backend.readSamples(directory, input);
    await backend.prove({ directory, sample, output: proof });
  });
  afterAll(async () => {
    await backend.close();
    await session?.close();
    rmSync(folder, { recursive: true });
  });

  /** Whether the adapter of a model's contract accepts a proof file on the embedded chain. */
  async function acceptedOnChain(model: string, file: string): Promise<boolean> {
    const opened = await openEzklFolder(model);
    const { proofBytes, modelId, trust } = keysOf(opened);
    const signer = new NonceManager(await provider.getSigner());
    const verifier = await compileEzklVerifier(readFileSync(join(model, 'verifier.sol'), 'utf8'));
    const signals = instanceCount(opened.manifest);
    const { adapter } = await deployEzkl(signer, { verifier, proofBytes, signals, modelDigest: modelId, trust });
    const { proof: bytes, instances } = decodeEzklProofFile(readFileSync(file, 'utf8'));
    const other = instances.map((value, i) => (i === 0 ? toScalar(value + 1n) : value));
    expect(await verifyEzklOnChain(provider, adapter.address, { proof: bytes, signals: other })).toBe(false);
    expect(await ezklAdapterAt(adapter.address, provider).getFunction('modelId')()).toMatch(/^0x[0-9a-f]{64}$/);
    return verifyEzklOnChain(provider, adapter.address, { proof: bytes, signals: instances });
  }

  /** A proof file changed so, beside the model. */
  function changed(change: (file: Record<string, unknown>) => object): string {
    const file = JSON.parse(readFileSync(proof, 'utf8'));
    const path = at('changed.json');
    writeFileSync(path, JSON.stringify({ ...file, ...change(file) }, null, 1));
    return path;
  }

  const flip = (hex: unknown, byte: number): string => {
    const bytes = Buffer.from(String(hex).slice(2), 'hex');
    bytes[byte] ^= 1;
    return `0x${bytes.toString('hex')}`;
  };

  test('its proofs are accepted, and false once anything in them is changed', async () => {
    expect(await backend.verify({ directory, proof })).toMatchObject({ valid: true, trust: 'insecure-dev' });
    const { proof: hex } = JSON.parse(readFileSync(proof, 'utf8'));
    const length = (hex.length - 2) / 2;
    for (const byte of [31, 1000, length - 1]) {
      const path = changed((file) => ({ proof: flip(file.proof, byte) }));
      const verdict = await backend.verify({ directory, proof: path });
      expect(verdict, `byte ${byte}`).toMatchObject({ valid: false, outputs: [] });
    }
    const other = changed(({ instances }) => {
      const value = BigInt(String(Object(instances)[0])) + 1n;
      return { instances: [String(value)], values: { y: [Number(value) / 2 ** 13] } };
    });
    expect(await backend.verify({ directory, proof: other })).toMatchObject({ valid: false });
  });

  test('what EZKL itself lets through is false here: a word behind the proof', async () => {
    const path = changed((file) => ({ proof: `${file.proof}${'00'.repeat(32)}` }));
    expect(await backend.verify({ directory, proof: path })).toMatchObject({ valid: false });
  });

  test('hashed inputs and outputs show one number each, whatever their size', async () => {
    const path = at('hashed.vouch');
    const visibility = { inputs: new Map([['x', 'hashed' as const]]), outputs: new Map([['y', 'hashed' as const]]) };
    await backend.compile({ onnx, directory: path, visibility });
    await backend.setup({ directory: path });
    const prove = async (values: readonly number[], name: string) => {
      const sample = new Map([['x', Float64Array.from(values)]]);
      const { inputs, outputs } = await backend.prove({ directory: path, sample, output: at(name) });
      const [x, y] = [inputs[0], outputs[0]];
      return 'commitment' in x && 'commitment' in y ? [x.commitment, y.commitment] : [];
    };
    const first = await prove([0.5, 0.25], 'hashed-1.json');
    expect(first).toHaveLength(2);
    expect(await backend.verify({ directory: path, proof: at('hashed-1.json') })).toMatchObject({ valid: true });
    expect((await prove([0.5, 0.5], 'hashed-2.json'))[0]).not.toBe(first[0]);
  });

  test('keys of another model do not verify a proof', async () => {
    const other = at('other.vouch');
    await backend.compile({ onnx: writeTinyModel(at('other.onnx'), 2), directory: other });
    await backend.setup({ directory: other });
    expect(await backend.verify({ directory: other, proof })).toMatchObject({ valid: false });
    const { modelId } = keysOf(await openEzklFolder(other));
    const claimed = changed(() => ({ modelId }));
    expect(await backend.verify({ directory: other, proof: claimed })).toMatchObject({ valid: false });
  });

  /** A copy of the model in which one file is changed, and all that names it follows: whoever hands it on can do that. */
  async function repinned(name: EzklFile, change: (bytes: Buffer) => Buffer): Promise<{ path: string; file: string }> {
    const path = mkdtempSync(at('repinned-'));
    cpSync(directory, path, { recursive: true });
    writeFileSync(join(path, name), change(readFileSync(join(path, name))));
    const { manifest } = await openEzklFolder(path);
    const files = new Map([...manifest.files, [name, await digestFile(join(path, name))] as const]);
    const keys = keysOf(await openEzklFolder(directory));
    const modelId = ezklModelId({ ...manifest, files }, keys, identityFiles);
    writeFileSync(join(path, 'manifest.json'), encodeEzklManifest({ ...manifest, files, keys: { ...keys, modelId } }));
    return { path, file: changed(() => ({ modelId })) };
  }

  const short = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
  const none = () => Buffer.alloc(0);
  const flipped = (place: number) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy[place] ^= 1;
    return copy;
  };

  test.each([
    ['vk.key', 'short', short],
    ['vk.key', 'empty', none],
    ['vk.key', 'of another form', flipped(0)],
    ['kzg.srs', 'short', short],
    ['kzg.srs', 'empty', none],
    ['settings.json', 'short', short],
    ['settings.json', 'empty', none],
    ['settings.json', 'no JSON', flipped(0)],
  ] as const)('a %s that is %s gives no verdict, whoever vouches for it', async (name, _, change) => {
    const { path, file } = await repinned(name, change);
    await expect(backend.verify({ directory: path, proof: file })).rejects.toMatchObject({
      name: 'Backend.NoVerdictError',
    });
    expect(await backend.verify({ directory, proof })).toMatchObject({ valid: true });
  });

  test.each([
    ['model.compiled', 'short', short],
    ['model.compiled', 'empty', none],
    ['pk.key', 'short', short],
    ['pk.key', 'empty', none],
    ['pk.key', 'of another form', flipped(0)],
    ['kzg.srs', 'short', short],
  ] as const)('with a %s that is %s nothing is proved, and the next proof is', async (name, _, change) => {
    const { path } = await repinned(name, change);
    const output = join(path, 'new.json');
    const sample = new Map([['x', Float64Array.of(0.5, 0.25)]]);
    const error = await backend.prove({ directory: path, sample, output }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VouchError);
    expect(readdirSync(path)).not.toContain('new.json');
    await backend.prove({ directory, sample, output });
    rmSync(path, { recursive: true });
  });

  test('a limit on memory ends a call with an error of its own', async () => {
    const small = createEzkl({ memoryMb: 120 });
    const copy = at('small.vouch');
    cpSync(directory, copy, { recursive: true });
    const before = readdirSync(copy);
    await expect(small.setup({ directory: copy })).rejects.toMatchObject({ name: 'Backend.OutOfMemoryError' });
    await small.close();
    expect(readdirSync(copy)).toEqual(before);
  });

  /** A disk of our own needs a user namespace, which some systems refuse. */
  const disk = at('disk');
  const mount = (size: string) => `mkdir -p ${disk} && mount -t tmpfs -o size=${size} none ${disk}`;
  const noDisk = spawnSync('unshare', ['-rm', 'sh', '-c', mount('8k')]).status !== 0;

  test.skipIf(noDisk)('on a full disk, setup says so and leaves the model as it was', async () => {
    mkdirSync(disk, { recursive: true });
    const copy = join(disk, 'm.vouch');
    const files = ['manifest.json', 'model.compiled', 'network.onnx', 'settings.json'];
    const fill = `mkdir ${copy} && ${files.map((name) => `cp ${join(directory, name)} ${copy}`).join(' && ')}`;
    const script = `${mount('30m')} && ${fill} && "$@"; code=$?; ls -A ${copy}; exit $code`;
    const command = [process.execPath, ...MAIN, 'setup', copy, '--insecure-dev', '--quiet'];
    const { code, text } = await new Promise<{ code: number; text: string }>((resolve) => {
      execFile('unshare', ['-rm', 'sh', '-c', script, 'sh', ...command], (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), text: `${stderr}|${stdout}` });
      });
    });
    expect(text).toMatch(/^error: "\S+" cannot be written: there is no room for it\n/);
    expect(text.split('|')[1]).toBe(`${files.join('\n')}\n`);
    expect(code).toBe(2);
  });

  test('interrupted in the middle of a setup, the command leaves nothing, and no process', async () => {
    const copy = at('interrupted.vouch');
    cpSync(directory, copy, { recursive: true });
    const before = readdirSync(copy);
    const child = spawn(process.execPath, [...MAIN, 'setup', copy, '--insecure-dev']);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (/s {2}keys\n/.test(stderr) && !child.killed) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(stderr).toContain('Cancelled; no file was written.');
    expect(code).toBe(130);
    expect(readdirSync(copy)).toEqual(before);
    const left = spawnSync('ps', ['-A', '-o', 'ppid=,args=']).stdout.toString();
    expect(left.split('\n').filter((line) => /^\s*1 .*ezkl_bridge/.test(line))).toEqual([]);
  });

  test.each([
    // Features in the thousands and weights to match: more than EZKL's one scale for all weights holds.
    ['credit-mlp', 'rewritten', 0.4],
    ['credit-lightgbm', 'rewritten', 0.05],
    ['mnist-mlp', 'file', 0.2],
  ] as const)('%s goes from the file to the chain', async (name, network, closeness) => {
    const path = `models/${name}/model.onnx`;
    const model = at(`${name}.vouch`);
    const calibrate = `models/${name}/calibration.npz`;
    const { details } = await backend.compile({ onnx: path, directory: model, calibrate });
    expect(details).toMatchObject({ network });
    const samples = (await backend.readSamples(model, `models/${name}/heldout.npz`)).slice(0, 4);
    const runtime = await openFloatRuntime(path, (await openEzklFolder(model)).manifest.inputs);
    const results = await backend.infer({ directory: model, samples });
    for (const [i, sample] of samples.entries()) {
      for (const [output, values] of await runtime.run(sample)) {
        const scale = Math.max(1, ...values.map(Math.abs));
        const error = Math.max(
          ...values.map((value, j) => Math.abs((results[i].get(output)?.[j] ?? Number.NaN) - value)),
        );
        if (output !== 'label') expect(error, `${output} of sample ${i}`).toBeLessThan(closeness * scale);
      }
    }
    await runtime.close();
    await backend.setup({ directory: model });
    const output = at(`${name}.json`);
    await backend.prove({ directory: model, sample: samples[0], output });
    expect(await backend.verify({ directory: model, proof: output })).toMatchObject({ valid: true });
    expect(await acceptedOnChain(model, output)).toBe(true);
    rmSync(model, { recursive: true });
  });

  test('the commands do the same', async () => {
    const model = at('commands.vouch');
    const file = at('commands.json');
    const json = async (...args: string[]) => {
      const { code, stdout, stderr } = await vouch(...args, '--json', '--quiet');
      expect(code, stderr || stdout).toBe(0);
      return JSON.parse(stdout);
    };
    const compiled = await json(
      'compile',
      onnx,
      '--backend',
      'ezkl',
      '--calibrate',
      input,
      '--memory',
      '8G',
      '-o',
      model,
    );
    expect(compiled).toMatchObject({ backend: 'ezkl', version: '23.0.5', float: { samples: 1 } });
    expect(compiled.float.maxDelta).toBeLessThan(0.01);
    const keys = await json('setup', model, '--insecure-dev');
    const inferred = await json('infer', model, '-i', input, '--onnx', onnx);
    expect(inferred.maxDelta).toBeLessThan(0.01);
    expect(await json('prove', model, '-i', input, '-o', file)).toMatchObject({ modelId: keys.modelId });
    const verdict = await json('verify', file, '-k', model, '--expect-model', keys.modelId);
    expect(verdict).toMatchObject({ valid: true, unpinned: [] });
    expect(
      (
        await vouch(
          'verify',
          changed(() => ({})),
          '-k',
          model,
        )
      ).code,
    ).toBe(1);
  });
});
