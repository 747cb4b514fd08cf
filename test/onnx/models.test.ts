import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { readData } from '../../src/data/read.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { inputsOf } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { toSamples } from '../../src/inspect/samples.ts';
import { importModel } from '../../src/onnx/import.ts';
import { readModel } from '../../src/onnx/read.ts';
import { difference, tensor } from './onnxruntime.ts';

const root = 'models';
const samplesPerModel = 12;
const names = readdirSync(root).filter((name) => existsSync(`${root}/${name}/model.onnx`));

describe('the example models', () => {
  for (const name of names) {
    test(name, async () => {
      const path = `${root}/${name}/model.onnx`;
      const graph = simplify(importModel(readModel(path)).graph);
      const specs = inputsOf(graph).map(({ node }) => ({ name: node.name, dtype: node.dtype, shape: node.shape }));
      const samples = toSamples(await readData(`${root}/${name}/heldout.npz`, specs)).slice(0, samplesPerModel);
      expect(samples.length).toBe(samplesPerModel);
      const session = await InferenceSession.create(path, { logSeverityLevel: 4, intraOpNumThreads: 1 });
      for (const sample of samples) {
        const feeds = specs.map((spec) => [
          spec.name,
          tensor(spec.dtype, [...(sample.get(spec.name) ?? [])], spec.shape),
        ]);
        const answer = await session.run(Object.fromEntries(feeds));
        const values = evaluate(graph, sample);
        for (const output of session.outputNames) {
          const expected = Array.from(answer[output].data, Number);
          const got = Array.from(values.get(output) ?? []);
          if (answer[output].type.startsWith('int')) expect(got).toEqual(expected);
          else
            expect(difference(new Map([[output, expected]]), new Map([[output, got]]), 1e-2)).toBeLessThanOrEqual(1e-4);
        }
      }
      await session.release();
    });

    test(`${name} gives its recorded answer`, async () => {
      const graph = importModel(readModel(`${root}/${name}/model.onnx`)).graph;
      const specs = inputsOf(graph).map(({ node }) => ({ name: node.name, dtype: node.dtype, shape: node.shape }));
      const [sample] = toSamples(await readData(`${root}/${name}/input.json`, specs));
      const recorded: Record<string, unknown[]> = JSON.parse(readFileSync(`${root}/${name}/expected.json`, 'utf8'));
      const flat = Object.entries(recorded).map(([output, data]): [string, number[]] => [
        output,
        data.flat(9).map(Number),
      ]);
      const got = [...evaluate(graph, sample)].map(([output, data]): [string, number[]] => [output, Array.from(data)]);
      expect(difference(new Map(flat), new Map(got), 1e-2)).toBeLessThanOrEqual(1e-4);
    });
  }

  test('are all here', () => expect(names.length).toBeGreaterThanOrEqual(9));
});
