import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeVerifyCalldata } from '../../src/evm/calldata.ts';
import { deployVerifier } from '../../src/evm/deploy.ts';
import { chooseKernel, type KernelName } from '../../src/kernel/choose.ts';
import { compile } from '../../src/pipeline/pipeline.ts';
import { infer, prove } from '../../src/pipeline/prove.ts';
import { setup } from '../../src/pipeline/setup.ts';
import type { Sample } from '../../src/quant/sample.ts';
import { measureSystem } from '../../src/r1cs/stats.ts';
import { type OpenedModel, openModel, writeKeys, writeModel } from '../../src/store/directory.ts';
import { fileNames } from '../../src/store/file-names.ts';
import { checkProof } from '../../src/verify/check-proof.ts';
import { encodeLayout } from '../../src/verify/layout.ts';
import { decodeModelFile, type ModelFile } from '../../src/verify/model-file.ts';
import { compileOptions } from '../model-folder.ts';
import { measureOnChain } from './chain.ts';
import { readHeldOut } from './held-out.ts';
import type { MeasurePeer, PeerInput } from './peer.ts';
import { type Report, repeated, timed } from './report.ts';

/** This library, with one of its kernels. */
export function measureVouch(kernelName: KernelName): MeasurePeer {
  return async (input, report) => {
    const heldOut = await readHeldOut(input.model, input.limits.heldOut);
    const made = await makeModel(input, kernelName, report);
    const { model, file, provingKey } = made;
    const [sample] = heldOut.samples;
    const proving = await report.stage('prove', () =>
      repeated(async () => {
        const { kernel } = chooseKernel({ kernel: kernelName });
        report.facts({ prover: `vouch, ${kernel.name}` });
        const { ms } = await timed(() => prove(model, file, infer(model, sample), { kernel, provingKey }));
        await kernel.close();
        return ms;
      }),
    );
    report.facts({ proveMs: proving.medianMs, proveRuns: proving.runs, proofBytes: PROOF_BYTES });
    const { proof } = await proveOnce(made, sample, kernelName);
    const verifying = await report.stage('verify', () =>
      repeated(async () => {
        const { ms, value } = await timed(async () => checkProof(proof, file));
        if (!value.valid) throw new Error('a proof of its own is refused');
        return ms;
      }),
    );
    report.facts({ verifyMs: verifying.medianMs });
    const outputs = heldOut.samples.map((each) => infer(model, each).outputs);
    const maxDelta = await report.stage('accuracy', () => heldOut.maxDelta(outputs));
    report.facts({ maxDelta, compared: outputs.length });
    const onChain = await report.stage('chain', () =>
      measureOnChain(async (signer) => {
        const { core, verifyingKey, layout } = file;
        const { address } = await deployVerifier(signer, { core, verifyingKey, layout: encodeLayout(layout) });
        return { address, data: encodeVerifyCalldata(proof.publicSignals, proof.proof) };
      }),
    );
    report.facts(onChain);
  };
}

/** A model with keys. */
export interface MadeModel {
  readonly model: OpenedModel;
  readonly file: ModelFile;
  readonly provingKey: string;
}

/** Compiles a model and makes a development key, each a measured stage. */
export async function makeModel(
  { model: folder, work }: PeerInput,
  name: KernelName,
  report: Report,
): Promise<MadeModel> {
  const directory = join(work, 'model.vouch');
  const { ms: compileMs } = await report.stage('compile', () =>
    timed(async () => {
      const compiled = await compile(join(folder, 'model.onnx'), compileOptions(folder));
      await writeModel(directory, compiled, compiled.report);
    }),
  );
  const model = await openModel(directory);
  const { rows, domainBits } = measureSystem(model.circuit.system);
  report.facts({ compileMs, rows, domainBits });
  const { kernel } = chooseKernel({ kernel: name });
  const { ms: setupMs } = await report.stage('setup', () =>
    timed(async () => {
      const { zkey, file } = await setup(model, { selfTest: 'skip', kernel });
      await writeKeys(model, zkey, file);
    }),
  );
  await kernel.close();
  const provingKey = join(directory, fileNames.provingKey);
  report.facts({ setupMs, keyBytes: (await stat(provingKey)).size });
  const file = decodeModelFile(await readFile(join(directory, fileNames.verification), 'utf8'));
  return { model: await openModel(directory), file, provingKey };
}

/** Two points of G1 and one of G2, uncompressed. */
export const PROOF_BYTES = 256;

async function proveOnce({ model, file, provingKey }: MadeModel, sample: Sample, name: KernelName) {
  const { kernel } = chooseKernel({ kernel: name });
  const proved = await prove(model, file, infer(model, sample), { kernel, provingKey });
  await kernel.close();
  return proved;
}
