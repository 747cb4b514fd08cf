import type { Kernel } from '../kernel/contract.ts';
import { decodeProof, drawBlinding } from '../kernel/proof-bytes.ts';
import { chooseWasmBuild, type WasmBuild } from '../kernel/wasm-build.ts';
import { loadProgram, startWasm, type WasmProgram } from '../kernel/wasm-module.ts';
import { createWasmProver } from '../kernel/wasm-prover.ts';
import { addThreads, type StartThread } from '../kernel/wasm-threads.ts';
import { publicValues, witnessValues } from '../kernel/witness-values.ts';
import { infer, type Proved, prove } from '../pipeline/prove.ts';
import type { Sample } from '../quant/sample.ts';
import { checkProof, type ProofExpectations, type ProofVerdict } from '../verify/check-proof.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { Opening } from '../verify/opening.ts';
import type { ProofFile } from '../verify/proof-file.ts';
import { downloadInto } from './download.ts';
import { fetchKernel } from './fetch-kernel.ts';
import { fetchModel } from './open-model.ts';
import { UnsupportedBrowserError } from './web-error.ts';

/** What a step of the work is, in the order of the steps. */
export type Stage = 'model' | 'key' | 'prepare' | 'witness' | 'prove' | 'verify';

/** How far a step is, from 0 to 1; NaN where nobody knows. */
export type OnProgress = (stage: Stage, fraction: number) => void;

export interface SessionOptions {
  /** The directory of a compiled model with keys. */
  readonly model: URL;
  /** Where each build of the kernel is. */
  readonly kernels: Readonly<Record<WasmBuild, URL>>;
  readonly threads: number;
  readonly startThread: StartThread;
  readonly onProgress: OnProgress;
}

export interface ProveInPage {
  readonly binding?: bigint | undefined;
  readonly openings?: readonly Opening[] | undefined;
}

/** A compiled model ready to prove, on the thread that leads the kernel's threads. */
export interface Session {
  readonly kernel: string;
  readonly file: ModelFile;
  readonly program: WasmProgram;
  /** The word in the kernel's memory that cancels a proof. */
  readonly cancelWord: number;
  prove(sample: Sample, options: ProveInPage): Promise<Proved>;
  verify(proof: ProofFile, expected: ProofExpectations): ProofVerdict;
}

/** Fetches kernel, model and key, and makes them ready. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { model: directory, kernels, threads, startThread, onProgress } = options;
  const chosen = chooseWasmBuild();
  if ('reason' in chosen) throw new UnsupportedBrowserError(chosen.reason);
  onProgress('model', 0);
  const [code, hosted] = await Promise.all([fetchKernel(chosen.build, kernels[chosen.build]), fetchModel(directory)]);
  onProgress('model', 1);
  const { model, file, provingKey } = hosted;
  const program = await loadProgram(code);
  // Says nothing while a key is opened.
  let stage: Stage | undefined;
  const wasm = await startWasm(program, (thousandths) => {
    if (stage !== undefined) onProgress(stage, thousandths / 1000);
  });
  await addThreads(wasm, program, threads, startThread);
  const prover = createWasmProver(wasm);
  const { url, digest } = provingKey;
  const report = (received: number, total: number) => onProgress('key', received / total);
  await downloadInto(url, { digest, limit: KEY_LIMIT, onProgress: report }, (size) => {
    const address = prover.reserveKey(size);
    return (chunk, at) => wasm.view(address + at, chunk.length).set(chunk);
  });
  onProgress('prepare', 0);
  const publicSignals = prover.openKey();
  onProgress('prepare', 1);

  const kernel: Kernel = {
    name: `wasm-${chosen.build}`,
    async prove({ witness }) {
      onProgress('witness', 1);
      stage = 'prove';
      const values = witnessValues(witness);
      const blinding = drawBlinding();
      try {
        const proof = prover.prove(values, blinding);
        onProgress('prove', 1);
        onProgress('verify', 0);
        return { proof: decodeProof(proof), publicSignals: publicValues(values, publicSignals) };
      } finally {
        blinding.fill(0);
        stage = undefined;
      }
    },
    async close() {},
  };
  return {
    kernel: kernel.name,
    file,
    program,
    cancelWord: wasm.ask('cancelWord'),
    async prove(sample, { binding, openings }) {
      onProgress('witness', 0);
      const proved = await prove(model, file, infer(model, sample), {
        kernel,
        provingKey: url.href,
        ...(binding === undefined ? {} : { binding }),
        ...(openings === undefined ? {} : { openings }),
      });
      onProgress('verify', 1);
      return proved;
    },
    verify: (proof, expected) => checkProof(proof, file, expected),
  };
}

/** What a kernel of 32-bit addresses can hold beside its work. */
const KEY_LIMIT = 3 * 2 ** 30;
