import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type ModelFile, openModel, type Sample, setup, writeKeys, writeModel } from '../../src/index.ts';
import type { Visibility } from '../../src/tensor/visibility.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { smallNetwork } from '../small-network.ts';

/** A model in a directory with keys, small enough to be proved in a test, and where its parts are. */
export interface SmallModel {
  readonly onnx: string;
  readonly path: string;
  readonly file: ModelFile;
}

export async function writeSmallModel(folder: string, visibility: Visibility = {}): Promise<SmallModel> {
  const onnx = join(folder, 'model.onnx');
  writeFileSync(onnx, encodeModel(smallNetwork));
  const path = join(folder, 'model.vouch');
  const compiled = await compile(onnx, { visibility });
  await writeModel(path, compiled, compiled.report);
  const model = await openModel(path);
  const { zkey, file } = await setup(model, { threads: 1 });
  await writeKeys(model, zkey, file);
  return { onnx, path, file };
}

/** Samples that differ; all lie inside the model's bounds. */
export function smallSamples(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => new Map([['x', Float64Array.of(i / count, -i / count, 0.5)]]));
}
