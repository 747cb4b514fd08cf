import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Proven } from '../evm/node/job.ts';
import { drawSample } from '../inspect/draw-sample.ts';
import { samplesFrom } from '../inspect/samples.ts';
import { chooseKernel } from '../kernel/choose.ts';
import { type CompiledModel, compile, joinChunks } from '../pipeline/pipeline.ts';
import { infer, prove } from '../pipeline/prove.ts';
import { setup } from '../pipeline/setup.ts';
import { openModel, writeKeys, writeModel } from '../store/directory.ts';
import { bindingIndex } from '../verify/layout.ts';
import type { ModelFile } from '../verify/model-file.ts';

/** A model directory with keys, and what making it showed. */
export interface Prepared {
  readonly directory: string;
  readonly compiled: CompiledModel;
  readonly file: ModelFile;
  readonly keyBytes: number;
}

/** Called around each stage; returns what the stage returns. */
export type Stage = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** Compiles the volatility model with its prices public, and makes development keys for it. */
export async function prepareModel(models: string, directory: string, stage: Stage): Promise<Prepared> {
  const folder = join(models, 'volatility');
  const compiled = await stage('compile', () =>
    compile(join(folder, 'model.onnx'), {
      ...samplesFrom(join(folder, 'calibration.npz')),
      bounds: new Map(Object.entries(JSON.parse(readFileSync(join(folder, 'bounds.json'), 'utf8')))),
      visibility: { inputs: new Map([['ohlc', 'public']]) },
    }),
  );
  return stage('setup', async () => {
    await writeModel(directory, compiled, compiled.report);
    const model = await openModel(directory);
    const { zkey, file } = await setup(model);
    await writeKeys(model, zkey, file);
    return { directory, compiled, file, keyBytes: zkey.reduce((sum, { length }) => sum + length, 0) };
  });
}

/** An honest proof by another model of `models/`, and what made it. */
export async function proveForeign(models: string): Promise<{ readonly proven: Proven; readonly kernel: string }> {
  const folder = join(models, 'credit-mlp');
  const model = await compile(join(folder, 'model.onnx'), samplesFrom(join(folder, 'calibration.npz')));
  const { zkey, file } = await setup(model, { selfTest: 'skip' });
  const { kernel } = chooseKernel();
  try {
    const inference = infer(model, drawSample(model.quantised, 1));
    const { proof } = await prove(model, file, inference, { kernel, provingKey: joinChunks(zkey) });
    const output = proof.publicSignals.slice(0, bindingIndex(file.layout));
    return { proven: { output, proof: proof.proof }, kernel: proof.kernel };
  } finally {
    await kernel.close();
  }
}
