import { readData } from '../data/read.ts';
import { toSamples } from '../inspect/samples.ts';
import type { Model } from '../model/model.ts';
import type { Sample } from '../quant/sample.ts';

/** Samples for a compiled model from a .json, .jsonl, .npy, .npz or .csv file. */
export async function readSamples({ quantised }: Model, path: string): Promise<Sample[]> {
  const inputs = quantised.nodes.flatMap((node) =>
    node.kind === 'input' ? [{ name: node.name, shape: node.shape }] : [],
  );
  return toSamples(await readData(path, inputs));
}
