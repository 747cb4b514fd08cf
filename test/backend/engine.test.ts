import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EngineFiles,
  type EngineStatement,
  type EzklEngine,
  openEngine,
  verifyWithEngine,
} from '../../src/backend/engine.ts';
import { EngineMissingError, findEngine } from '../../src/backend/engine-package.ts';
import { decodeFelt } from '../../src/backend/ezkl/felt.ts';
import { type EzklManifest, encodeEzklManifest, ezklModelId } from '../../src/backend/ezkl/manifest.ts';
import { identityFiles } from '../../src/backend/ezkl/model-folder.ts';
import { encodeEzklProofFile } from '../../src/backend/ezkl/proof-file.ts';
import { EzklVersionError } from '../../src/backend/ezkl/version.ts';
import { SCALAR_MODULUS, toScalar } from '../../src/field/bn254.ts';
import { digestFile } from '../../src/store/directory.ts';

const vectors = new URL('../vectors/ezkl/', import.meta.url).pathname;
const srs = join(vectors, 'kzg8.srs');
const temporary = mkdtempSync(join(tmpdir(), 'vouch-engine-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** The package where it is installed; no licence lets the repository contain it. */
function installed(): string | undefined {
  try {
    return findEngine(process.env.VOUCH_EZKL_ENGINE);
  } catch (error) {
    if (error instanceof EngineMissingError) return undefined;
    throw error;
  }
}

const folder = installed();
const reason = folder === undefined ? ' (skipped: @ezkljs/engine is not installed)' : '';

function filesOf(version: string): EngineFiles {
  const at = (name: string) => join(vectors, version, name);
  return { settings: at('settings.json'), verifyingKey: at('vk.key'), srs };
}

function statementOf(version: string): EngineStatement {
  const file: { instances: string[][]; proof: string } = JSON.parse(
    readFileSync(join(vectors, version, 'proof.json'), 'utf8'),
  );
  const instances = file.instances[0].map((felt) => decodeFelt(felt, 'instances'));
  return { version, instances, proof: new Uint8Array(Buffer.from(file.proof.slice(2), 'hex')) };
}

let copies = 0;

/** A copy of a file with one byte, or all of it, changed. */
function changed(path: string, change: (bytes: Buffer) => Buffer | undefined): string {
  const bytes = readFileSync(path);
  const copy = join(temporary, `${copies++}`);
  writeFileSync(copy, change(bytes) ?? bytes);
  return copy;
}

test('a machine without the engine gets the command that installs it', async () => {
  const refused = openEngine({ folder: temporary });
  await expect(refused).rejects.toThrow(EngineMissingError);
  await expect(refused).rejects.toThrow('npm install @ezkljs/engine@21.0.0');
});

test('another version of the engine is refused with both named', async () => {
  const other = mkdtempSync(join(temporary, 'other-'));
  writeFileSync(join(other, 'package.json'), JSON.stringify({ name: '@ezkljs/engine', version: 'v20.2.7' }));
  const refused = openEngine({ folder: other });
  await expect(refused).rejects.toThrow(EzklVersionError);
  await expect(refused).rejects.toThrow('@ezkljs/engine is of EZKL 20.2.7, not 21.0.0');
});

describe.runIf(folder)(`the engine${reason}`, () => {
  let engine: EzklEngine;
  beforeAll(async () => {
    engine = await openEngine({ folder: folder ?? '' });
  });
  afterAll(() => engine.close());

  test.each(['21.0.0', '23.0.5'])('verifies what EZKL %s proved, and nothing else', async (version) => {
    const files = filesOf(version);
    const good = statementOf(version);
    const { proof, instances } = good;
    expect(await engine.verify(files, good)).toBe(true);
    const flipped = (at: number) => ({ ...good, proof: proof.map((byte, i) => (i === at ? byte ^ 1 : byte)) });
    for (const at of [0, 31, 32, proof.length >> 1, proof.length - 1]) {
      expect(await engine.verify(files, flipped(at)), `byte ${at}`).toBe(false);
    }
    const other = (changes: Partial<EngineStatement>) => engine.verify(files, { ...good, ...changes });
    expect(await other({ proof: new Uint8Array([...proof, ...new Uint8Array(32)]) })).toBe(false);
    expect(await other({ proof: new Uint8Array([...proof, 0]) })).toBe(false);
    expect(await other({ proof: proof.slice(0, -32) })).toBe(false);
    expect(await other({ proof: new Uint8Array() })).toBe(false);
    expect(await other({ instances: [instances[1], instances[0], instances[2]] })).toBe(false);
    expect(await other({ instances: [...instances.slice(0, -1), toScalar(SCALAR_MODULUS - 1n)] })).toBe(false);
    expect(await other({ instances: instances.slice(1) })).toBe(false);
    expect(await other({ instances: [...instances, toScalar(0n)] })).toBe(false);
  });

  test('files that do not fit together or are damaged are errors, and the next call works', async () => {
    const [files, good] = [filesOf('23.0.5'), statementOf('23.0.5')];
    const verify = (changes: Partial<EngineFiles>) => engine.verify({ ...files, ...changes }, good);
    const short = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
    await expect(verify({ verifyingKey: changed(files.verifyingKey, short) })).rejects.toThrow('could not verify');
    await expect(verify({ verifyingKey: changed(files.verifyingKey, () => Buffer.alloc(0)) })).rejects.toThrow(
      'Failed to deserialize vk',
    );
    await expect(verify({ srs: changed(srs, short) })).rejects.toThrow('Failed to deserialize params');
    const emptied = changed(files.settings, () => Buffer.from('{"version":"23.0.5"}'));
    await expect(verify({ settings: emptied })).rejects.toThrow('Failed to deserialize settings');
    await expect(verify({ srs: join(temporary, 'absent') })).rejects.toThrow('cannot be read');
    expect(await verify({})).toBe(true);
  });

  test('the key of another model is no key of this proof', async () => {
    const files = { ...filesOf('23.0.5'), verifyingKey: filesOf('21.0.0').verifyingKey };
    const outcome = engine.verify(files, statementOf('23.0.5')).catch((error: Error) => error.name);
    expect([false, 'Backend.EngineFailedError']).toContain(await outcome);
  });

  test('versions that it does not read are refused with both named', async () => {
    const [files, good] = [filesOf('23.0.5'), statementOf('23.0.5')];
    const older = changed(files.settings, (bytes) => Buffer.from(bytes.toString().replace('"23.0.5"', '"22.3.0"')));
    await expect(engine.verify({ ...files, settings: older }, good)).rejects.toThrow(
      'the settings file is of EZKL 22.3.0, not 21.0.0 or 23.0.5',
    );
    await expect(engine.verify(filesOf('21.0.0'), good)).rejects.toThrow('the proof is of EZKL 23.0.5, not 21.0.0');
  });

  test('proves with files of its own version, and with no other', { timeout: 120_000 }, async () => {
    const own = filesOf('21.0.0');
    const at = (name: string) => join(vectors, '21.0.0', name);
    const clamped = (path: string) => Uint8ClampedArray.from(readFileSync(path));
    const { genPk } = createRequire(import.meta.url)(folder ?? '');
    const key = join(temporary, 'pk.key');
    writeFileSync(key, genPk(clamped(own.verifyingKey), clamped(at('model.compiled')), clamped(srs)));
    const input = readFileSync(at('input.json'), 'utf8');
    const request = { input, circuit: at('model.compiled'), provingKey: key, srs };
    const statement = await engine.prove({ ...request, settings: own.settings });
    expect(statement.instances).toEqual(statementOf('21.0.0').instances);
    expect(await engine.verify(own, statement)).toBe(true);
    await expect(engine.prove({ ...request, settings: filesOf('23.0.5').settings })).rejects.toThrow(
      'the settings file is of EZKL 23.0.5, not 21.0.0',
    );
    const damaged = { ...request, settings: own.settings, circuit: changed(request.circuit, (b) => b.subarray(9)) };
    await expect(engine.prove(damaged)).rejects.toThrow('could not prove');
  });

  test('checks a proof file against a directory, and refuses files that are not those of the setup', async () => {
    const directory = mkdtempSync(join(temporary, 'model-'));
    const { instances, proof } = statementOf('23.0.5');
    const files = new Map<string, `0x${string}`>();
    for (const [name, path] of [
      ['kzg.srs', srs] as const,
      ...['settings.json', 'vk.key'].map((name) => [name, join(vectors, '23.0.5', name)] as const),
    ]) {
      copyFileSync(path, join(directory, name));
      files.set(name, await digestFile(path));
    }
    const digest = `0x${'12'.repeat(32)}` as const;
    // Not read by a verifier, and part of the identity.
    for (const name of ['network.onnx', 'model.compiled']) files.set(name, digest);
    const compiled: EzklManifest = {
      ...{ tool: 'test', version: '23.0.5', onnx: digest, externalData: digest, form: 'file', logrows: 8, rows: 437 },
      inputs: [{ name: 'x', shape: [1, 4], scaleBits: 8, visibility: 'private' }],
      outputs: [{ name: 'y', shape: [1, 3], scaleBits: 8, visibility: 'public' }],
      calibration: { target: 'resources', samples: 1, sha256: null },
      keys: null,
      files,
    };
    const made = { trust: 'insecure-dev', srs: 'generated', proofBytes: proof.length } as const;
    const modelId = ezklModelId(compiled, made, identityFiles);
    const keys = { modelId, ...made };
    writeFileSync(join(directory, 'manifest.json'), encodeEzklManifest({ ...compiled, keys }));
    const file = { version: '23.0.5', modelId, trust: 'insecure-dev', kernel: 'wheel', instances, proof } as const;
    const path = join(directory, 'proof.json');
    const verdict = async (changes: object) => {
      const values = { y: instances.map((value) => Number(value) / 256) };
      writeFileSync(path, encodeEzklProofFile({ ...file, values, ...changes }));
      return verifyWithEngine(engine, { directory, proof: path });
    };
    expect(await verdict({})).toMatchObject({
      valid: true,
      modelId,
      outputs: [{ name: 'y', values: [0, 3 / 256, 0] }],
    });
    const flipped = proof.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(await verdict({ proof: flipped })).toMatchObject({ valid: false, outputs: [] });
    expect(await verdict({ values: { y: [0, 1, 0] } })).toMatchObject({ valid: false });
    writeFileSync(join(directory, 'vk.key'), readFileSync(join(vectors, '21.0.0', 'vk.key')));
    await expect(verdict({})).rejects.toThrow('vk.key');
  });

  test('the calling thread stays free while it verifies, and a call can be given up', async () => {
    const [files, good] = [filesOf('23.0.5'), statementOf('23.0.5')];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await engine.verify(files, good);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
    const controller = new AbortController();
    const given = engine.verify(files, good, { signal: controller.signal });
    controller.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    expect(await engine.verify(files, good)).toBe(true);
  });
});
