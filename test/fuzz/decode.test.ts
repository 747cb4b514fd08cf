import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VouchError } from '../../src/errors.ts';
import { createRandom } from '../../src/inspect/synthesise.ts';
import { checkModel } from '../../src/onnx/check.ts';
import { decodeModel, decodeTensor } from '../../src/onnx/decode.ts';
import { importModel } from '../../src/onnx/import.ts';
import { changeStructure, damageBytes, inflateLength } from './damage.ts';

/** Mutants of each kind for each model; `VOUCH_FUZZ_RUNS` sets another number. */
const runs = Number(process.env.VOUCH_FUZZ_RUNS ?? 12);
/** Of the processor, so that a busy machine does not count against us. */
const maxMs = 1000;
const maxBytes = 2 ** 28;

const folder = join(import.meta.dirname, '..', 'exporters');
const models = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => ({ file, bytes: new Uint8Array(readFileSync(join(folder, file))) }))
  .filter(({ bytes }) => bytes.length < 100_000);

type Outcome = 'imported' | 'checked' | 'refused';

/** Only our typed errors may come out, soon, and without much memory. */
function survive(bytes: Uint8Array, what: string): Outcome {
  const start = process.cpuUsage();
  const before = process.memoryUsage.rss();
  try {
    const outcome = attempt(bytes);
    const elapsed = process.cpuUsage(start).user / 1000;
    if (elapsed > maxMs) throw new Error(`${what} took ${elapsed} ms`);
    if (process.memoryUsage.rss() - before > maxBytes) throw new Error(`${what} took too much memory`);
    return outcome;
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function attempt(bytes: Uint8Array): Outcome {
  let outcome: Outcome = 'refused';
  try {
    const model = decodeModel(bytes);
    outcome = 'checked';
    checkModel(model);
    importModel(model);
    return 'imported';
  } catch (error) {
    if (!(error instanceof VouchError)) throw error;
    return outcome;
  }
}

describe('damaged models end in a typed error', () => {
  const tally = new Map<Outcome, number>();

  it.each(models)('$file', ({ file, bytes }) => {
    const random = createRandom(bytes.length);
    for (let run = 0; run < runs; run++) {
      for (const [kind, damage] of [
        ['bytes', damageBytes],
        ['length', inflateLength],
        ['structure', changeStructure],
      ] as const) {
        const outcome = survive(damage(bytes, random), `${file}, ${kind}, run ${run}`);
        tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      }
    }
  });

  it('reaches all stages', () => {
    expect(models.length).toBeGreaterThan(20);
    expect([...tally.keys()].sort()).toEqual(['checked', 'imported', 'refused']);
  });

  it('survives every truncation of the smallest model', () => {
    const [{ file, bytes }] = [...models].sort((a, b) => a.bytes.length - b.bytes.length);
    const step = Math.max(1, Math.floor(bytes.length / (runs * 20)));
    for (let length = 0; length < bytes.length; length += step)
      survive(bytes.subarray(0, length), `${file} cut to ${length}`);
  });

  it('survives noise, as a model and as a tensor', () => {
    const random = createRandom(5);
    for (let run = 0; run < runs * 40; run++) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 100) }, () => Math.floor(random() * 256));
      survive(noise, `noise ${run}`);
      try {
        decodeTensor(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(VouchError);
      }
    }
  });
});
