import { readdirSync, readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/graph/evaluate.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { importModel } from '../../src/onnx/import.ts';
import { readModel } from '../../src/onnx/read.ts';
import { difference, tensor } from './onnxruntime.ts';

const folder = 'test/exporters';

/** Models that cannot be proved as they are, and what the refusal must say. */
const refusals: Readonly<Record<string, string>> = {
  'sklearn-zipmap': 'ai.onnx.ml.ZipMap "ZipMap" (opset 1): its output is a list of dictionaries, not a tensor.',
};

interface Recorded {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Answer {
  readonly inputs: Readonly<Record<string, Recorded>>;
  readonly outputs: Readonly<Record<string, Recorded>>;
}

interface Recording extends Answer {
  readonly more: readonly Answer[];
  readonly refused?: string;
}

const names = readdirSync(folder).flatMap((file) => (file.endsWith('.onnx') ? [file.slice(0, -5)] : []));
const recording = (name: string): Recording => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
const plain = (outputs: Readonly<Record<string, Recorded>>): Map<string, number[]> =>
  new Map(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]));

/** 1e-4 of the largest output value; whole outputs exactly. */
function expectClose(
  expected: Map<string, number[]>,
  got: Map<string, Float64Array>,
  whole: ReadonlySet<string>,
): void {
  for (const [name, values] of expected) {
    const own = Array.from(got.get(name) ?? []);
    if (whole.has(name)) expect(own).toEqual(values);
    else expect(difference(new Map([[name, values]]), new Map([[name, own]]), 1e-2), name).toBeLessThanOrEqual(1e-4);
  }
}

describe('what exporters really write', () => {
  for (const name of names.filter((candidate) => refusals[candidate] === undefined)) {
    test(name, async () => {
      const path = `${folder}/${name}.onnx`;
      const { more, ...first } = recording(name);
      const { graph } = importModel(readModel(path));
      const simplified = simplify(graph);
      const session = await InferenceSession.create(path, { logSeverityLevel: 4, intraOpNumThreads: 1 });
      for (const { inputs, outputs } of [first, ...more]) {
        const values = new Map(Object.entries(inputs).map(([input, { data }]) => [input, Float64Array.from(data)]));
        const whole = new Set(Object.keys(outputs).filter((output) => outputs[output].dtype.startsWith('int')));
        const feeds = Object.entries(inputs).map(([input, { dtype, data, shape }]) => [
          input,
          tensor(dtype, data, shape),
        ]);
        const live = await session.run(Object.fromEntries(feeds));
        const answered = new Map(Object.keys(outputs).map((output) => [output, Array.from(live[output].data, Number)]));
        for (const candidate of [evaluate(graph, values), evaluate(simplified, values)]) {
          expectClose(plain(outputs), candidate, whole);
          expectClose(answered, candidate, whole);
        }
      }
      await session.release();
    });
  }

  test('only the listed models are refused, and each says why', () => {
    expect(names.filter((name) => recording(name).refused !== undefined)).toEqual(Object.keys(refusals));
    for (const [name, reason] of Object.entries(refusals)) {
      expect(() => importModel(readModel(`${folder}/${name}.onnx`))).toThrow(reason);
    }
  });
});
