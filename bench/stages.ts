import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomScalar, toScalar } from '../src/field/bn254.ts';
import { chooseKernel } from '../src/kernel/choose.ts';
import { compile } from '../src/pipeline/pipeline.ts';
import { infer, prove, solveWitness } from '../src/pipeline/prove.ts';
import { readSamples } from '../src/pipeline/samples.ts';
import { setup } from '../src/pipeline/setup.ts';
import { decodeQGraph } from '../src/quant/file.ts';
import type { RangePolicy } from '../src/quant/precision.ts';
import { analyseRanges } from '../src/quant/ranges.ts';
import { findUnsatisfied } from '../src/r1cs/check.ts';
import { type Circuit, lower } from '../src/r1cs/lower.ts';
import { measureSystem } from '../src/r1cs/stats.ts';
import { openKeys, openModel, writeKeys, writeModel } from '../src/store/directory.ts';
import { fileNames } from '../src/store/file-names.ts';
import { checkProof } from '../src/verify/check-proof.ts';
import { solve } from '../src/witness/solve.ts';
import { compileOptions } from './model-folder.ts';
import type { Sizes } from './result.ts';

/** Where a stage finds what the stages before it left. */
export interface StageInput {
  /** The folder of the ONNX file. */
  readonly model: string;
  /** The compiled model. */
  readonly directory: string;
  readonly policy: RangePolicy;
}

/** A stage ready to run. What it prepared is not measured; `finish` says what else it found. */
export interface PreparedStage {
  readonly run: () => unknown;
  readonly finish?: () => Promise<{ readonly kernel?: string; readonly sizes?: Partial<Sizes> }>;
}

export interface Stage {
  readonly name: string;
  /** Runs that are measured; one more comes first where `warm`. */
  readonly runs: number;
  readonly warm: boolean;
  prepare(input: StageInput): Promise<PreparedStage>;
}

/** In the order of the pipeline: `compile` and `setup` leave their results in the directory. */
export const stages: readonly Stage[] = [
  {
    name: 'compile',
    runs: 1,
    warm: false,
    prepare: async ({ model, directory, policy }) => {
      const options = { ...compileOptions(model), policy };
      return {
        run: async () => {
          const compiled = await compile(join(model, 'model.onnx'), options);
          await writeModel(directory, compiled, compiled.report);
        },
      };
    },
  },
  {
    name: 'emit',
    runs: 3,
    warm: false,
    prepare: async ({ directory }) => {
      // Not opened as a model, which would emit once before.
      const quantised = decodeQGraph(await readFile(join(directory, fileNames.quantised)));
      let circuit: Circuit | undefined;
      return {
        run: () => {
          circuit = lower(quantised, analyseRanges(quantised));
        },
        finish: async () => ({ sizes: circuit === undefined ? {} : sizesOf(circuit) }),
      };
    },
  },
  {
    name: 'setup',
    runs: 1,
    warm: false,
    prepare: async ({ directory }) => {
      const model = await openModel(directory);
      let keys: Awaited<ReturnType<typeof setup>> | undefined;
      return {
        run: async () => {
          keys = await setup(model, { selfTest: 'skip' });
        },
        finish: async () => {
          if (keys !== undefined) await writeKeys(model, keys.zkey, keys.file);
          const { provingKey } = await openKeys(await openModel(directory));
          return { sizes: { keyBytes: (await stat(provingKey)).size } };
        },
      };
    },
  },
  {
    name: 'witness',
    runs: 20,
    warm: true,
    prepare: async ({ model, directory }) => {
      const opened = await openModel(directory);
      const [sample] = await readSamples(opened, join(model, 'input.json'));
      const { hints } = opened.circuit;
      const salts = hints.salts.map(randomScalar);
      return { run: () => solve(hints, infer(opened, sample).values, toScalar(1n), salts) };
    },
  },
  {
    name: 'check',
    runs: 20,
    warm: true,
    prepare: async ({ model, directory }) => {
      const opened = await openModel(directory);
      const [sample] = await readSamples(opened, join(model, 'input.json'));
      const witness = solveWitness(opened, infer(opened, sample));
      return { run: () => findUnsatisfied(opened.circuit.system, witness) };
    },
  },
  {
    name: 'prove',
    runs: 5,
    warm: true,
    prepare: async ({ model, directory }) => {
      const { run, kernel } = await prover(model, directory);
      return {
        run,
        finish: async () => {
          await kernel.close();
          return { kernel: kernel.name, sizes: { proofBytes: PROOF_BYTES } };
        },
      };
    },
  },
  {
    name: 'verify',
    runs: 5,
    warm: true,
    prepare: async ({ model, directory }) => {
      const { run, kernel, file } = await prover(model, directory);
      const { proof } = await run();
      await kernel.close();
      return { run: () => checkProof(proof, file) };
    },
  },
];

function sizesOf({ system }: Circuit): Partial<Sizes> {
  const { rows, wires, publicSignals, domainBits } = measureSystem(system);
  return { constraints: rows, wires, publicSignals, domain: 2 ** domainBits };
}

/** Two points of G1 and one of G2, uncompressed. */
const PROOF_BYTES = 256;

/** A proof from witness to verified file, the key read already. */
async function prover(model: string, directory: string) {
  const opened = await openModel(directory);
  const { provingKey, file } = await openKeys(opened);
  const [sample] = await readSamples(opened, join(model, 'input.json'));
  const { kernel } = chooseKernel();
  const inference = infer(opened, sample);
  const run = () => prove(opened, file, inference, { kernel, provingKey });
  return { run, kernel, file };
}
