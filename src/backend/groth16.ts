import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import { encodeVerifyCalldata } from '../evm/calldata.ts';
import type { InspectOptions } from '../inspect/inspect.ts';
import { samplesFrom } from '../inspect/samples.ts';
import { chooseKernel, type KernelName } from '../kernel/choose.ts';
import { compile } from '../pipeline/pipeline.ts';
import { infer, prove } from '../pipeline/prove.ts';
import { readSamples } from '../pipeline/samples.ts';
import { type SetupOptions, setup } from '../pipeline/setup.ts';
import { openKeys, openModel, writeKeys, writeModel } from '../store/directory.ts';
import { fileNames } from '../store/file-names.ts';
import { checkProof } from '../verify/check-proof.ts';
import { decodeModelFile } from '../verify/model-file.ts';
import { decodeProofFile, encodeProofFile } from '../verify/proof-file.ts';
import { writeFileAtomically } from '../write-file.ts';
import type { Backend } from './contract.ts';

export interface Groth16Options {
  /** By default the fastest that works here. */
  readonly kernel?: KernelName;
  readonly inspect?: Pick<InspectOptions, 'policy' | 'bounds' | 'agreement' | 'closeness' | 'maxError' | 'inputBits'>;
  readonly setup?: Pick<SetupOptions, 'selfTest'>;
}

/** The pipeline of this library as a backend, with development keys. */
export function createGroth16({ kernel, inspect = {}, setup: choice = {} }: Groth16Options = {}): Backend {
  return {
    name: 'groth16',
    async compile({ onnx, directory, dims = {}, visibility = {}, calibrate, signal, onProgress }) {
      const model = await compile(onnx, {
        ...inspect,
        ...samplesFrom(calibrate),
        dims,
        visibility,
        signal,
        onProgress: (stage) => onProgress?.(stage),
      });
      await writeModel(directory, model, model.report);
      return { rows: model.circuit.system.rows, details: { report: model.report } };
    },
    async setup({ directory, onProgress }) {
      const model = await openModel(directory);
      const { zkey, file } = await setup(model, {
        ...choice,
        onProgress: (fraction) => onProgress?.('setup', `${Math.round(100 * fraction)} %`),
      });
      const { keys } = await writeKeys(model, zkey, file);
      if (keys === undefined) throw new VouchError(`"${directory}" got no keys`);
      return keys;
    },
    async prove({ directory, sample, output, signal }) {
      const model = await openModel(directory);
      const chosen = chooseKernel(kernel === undefined ? {} : { kernel });
      const { provingKey, file } = await openKeys(model, chosen.kernel);
      const options = { kernel: chosen.kernel, provingKey, ...(signal === undefined ? {} : { signal }) };
      const { proof } = await prove(model, file, infer(model, sample), options).finally(() => chosen.kernel.close());
      await writeFileAtomically(output, [new TextEncoder().encode(encodeProofFile(proof))]);
      return proof;
    },
    async verify({ directory, proof }) {
      const file = decodeModelFile(await readFile(join(directory, fileNames.verification), 'utf8'));
      return checkProof(decodeProofFile(await readFile(proof, 'utf8')), file);
    },
    async calldata({ proof: path }) {
      const { publicSignals, proof } = decodeProofFile(await readFile(path, 'utf8'));
      return encodeVerifyCalldata(publicSignals, proof);
    },
    async infer({ directory, samples }) {
      const model = await openModel(directory);
      return samples.map((sample) => infer(model, sample).outputs);
    },
    async readSamples(directory, path) {
      return readSamples(await openModel(directory), path);
    },
    async close() {},
  };
}
