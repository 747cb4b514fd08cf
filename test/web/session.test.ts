import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { servePage } from '../../examples/browser/serve.ts';
import { InternalError } from '../../src/errors.ts';
import { loadWasmCode } from '../../src/kernel/wasm.ts';
import { checkProof } from '../../src/verify/check-proof.ts';
import { encodeModelFile } from '../../src/verify/model-file.ts';
import { openSession, type Stage } from '../../src/web/session.ts';
import { smallSamples, writeSmallModel } from '../pool/small-model.ts';

// Node's main thread may block, so it can lead, without any thread to lead.
const folder = await mkdtemp(join(tmpdir(), 'vouch-session-'));
const model = await writeSmallModel(folder, { inputs: new Map([['x', 'public']]) });
const served = await servePage({ model: model.path, isolated: false });
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});
loadWasmCode();

async function open(onProgress: (stage: Stage, fraction: number) => void = () => {}) {
  return await openSession({
    model: new URL('model/', served.url),
    kernels: {
      fma: new URL('kernels/vouch-fma.wasm', served.url),
      simd: new URL('kernels/vouch-simd.wasm', served.url),
    },
    threads: 1,
    startThread: () => Promise.reject(new InternalError('one thread starts no other')),
    onProgress,
  });
}

test('a hosted model is proved with what the page has, step by step', async () => {
  const stages: Stage[] = [];
  const session = await open((stage, fraction) => {
    expect(fraction).toBeGreaterThanOrEqual(0);
    expect(fraction).toBeLessThanOrEqual(1);
    if (stages.at(-1) !== stage) stages.push(stage);
  });
  expect(session.file).toEqual(model.file);
  const { proof } = await session.prove(smallSamples(3)[1], { binding: 5n });
  expect(stages).toEqual(['model', 'key', 'prepare', 'witness', 'prove', 'verify']);
  expect(proof.kernel).toBe(session.kernel);
  const expected = { binding: `0x${'5'.padStart(64, '0')}` } as const;
  expect(session.verify(proof, expected).valid).toBe(true);
  expect(checkProof(proof, model.file).valid).toBe(true);
  const [first, ...rest] = proof.publicSignals;
  expect(encodeModelFile(session.file)).toBe(encodeModelFile(model.file));
  const forged = { ...proof, publicSignals: [rest[0], first, ...rest.slice(1)] };
  expect(session.verify(forged, {}).valid).toBe(false);
});

test('a key that is not the manifest’s is refused', async () => {
  const path = join(model.path, 'proving.zkey');
  const key = await readFile(path);
  const changed = Uint8Array.from(key);
  changed[changed.length - 5] ^= 1;
  await writeFile(path, changed);
  await expect(open()).rejects.toThrow('proving.zkey could not be used: it is not the file that the manifest names');
  await writeFile(path, key.subarray(0, 500));
  await expect(open()).rejects.toThrow('it is not the file');
  await writeFile(path, key);
});
