import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VouchError } from '../../errors.ts';
import type { Sample } from '../../quant/sample.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import { writeFileAtomically } from '../../write-file.ts';
import type { InferRequest, ProvedFile, ProveRequest } from '../contract.ts';
import { display, instanceCount } from './displayed.ts';
import { checkedFile, type EzklFolder, ezklFiles, keysOf, openEzklFolder } from './model-folder.ts';
import { type EzklProof, encodeEzklProofFile, fromEzklJson } from './proof-file.ts';
import { readEzklJson } from './settings.ts';
import { callOptions } from './steps.ts';
import type { EzklTool } from './tool.ts';
import { verifyStatement } from './verify.ts';
import { readWitnessOutputs, toInputJson, toReals } from './witness.ts';

/** Proves one sample and writes the proof, which has been verified before. */
export async function proveEzkl(ezkl: EzklTool, request: ProveRequest): Promise<ProvedFile> {
  const folder = await openEzklFolder(request.directory);
  const { modelId, trust, proofBytes } = keysOf(folder);
  const [model, pk_path] = [
    await checkedFile(folder, ezklFiles.circuit),
    await checkedFile(folder, ezklFiles.provingKey),
  ];
  const srs_path = await checkedFile(folder, ezklFiles.srs);
  const { manifest } = folder;
  // Everything in it is secret: it goes when the work is done, however that ends.
  const statement = await withTemporaryFolder(async (temporary): Promise<EzklProof> => {
    const [witness, proof_path] = ['witness.json', 'proof.json'].map((name) => join(temporary, name));
    await solve(ezkl, folder, model, request.sample, temporary, request);
    await ezkl.call('prove', { witness, model, pk_path, proof_path, srs_path }, callOptions(request, 'prove'));
    return fromEzklJson(await readEzklJson(proof_path));
  });
  const expected = instanceCount(manifest);
  if (statement.proof.length !== proofBytes || statement.instances.length !== expected) {
    throw new UnexpectedProofError(statement, proofBytes, expected);
  }
  if ((await verifyStatement(ezkl, folder, statement, request)) !== undefined) throw new RefusedProofError();
  const { inputs, outputs } = display(manifest, statement.instances);
  const values = [...inputs, ...outputs].flatMap((tensor) =>
    'values' in tensor ? [[tensor.name, tensor.values]] : [],
  );
  const file = { version: ezkl.version, modelId, trust, kernel: ezkl.kind, values: Object.fromEntries(values) };
  const text = encodeEzklProofFile({ ...file, ...statement });
  await writeFileAtomically(request.output, [new TextEncoder().encode(text)]);
  return { modelId, trust, kernel: `ezkl ${ezkl.version} (${ezkl.kind})`, inputs, outputs };
}

/** The outputs of samples by EZKL's circuit, as reals. */
export async function inferEzkl(ezkl: EzklTool, request: InferRequest): Promise<ReadonlyMap<string, Float64Array>[]> {
  const folder = await openEzklFolder(request.directory);
  const model = await checkedFile(folder, ezklFiles.circuit);
  const results: ReadonlyMap<string, Float64Array>[] = [];
  await withTemporaryFolder(async (temporary) => {
    for (const sample of request.samples) {
      await solve(ezkl, folder, model, sample, temporary, request);
      results.push(toReals(folder.manifest.outputs, await readWitnessOutputs(join(temporary, 'witness.json'))));
    }
  });
  return results;
}

async function solve(
  ezkl: EzklTool,
  { manifest }: EzklFolder,
  model: string,
  sample: Sample,
  temporary: string,
  steps: Pick<ProveRequest, 'signal' | 'onProgress'>,
): Promise<void> {
  const [data, output] = ['input.json', 'witness.json'].map((name) => join(temporary, name));
  await writeFile(data, toInputJson(manifest.inputs, [sample]));
  const given = { data, model, output, vk_path: null, srs_path: null };
  await ezkl.call('gen_witness', given, callOptions(steps, 'witness'));
}

/** EZKL made a proof of another form than its own verifier contract takes. */
export class UnexpectedProofError extends VouchError {
  override readonly name = 'Backend.UnexpectedProofError';

  constructor({ proof, instances }: EzklProof, bytes: number, count: number) {
    super('EZKL made a proof of an unexpected form', {
      metaMessages: [
        `expected ${bytes} bytes and ${count} numbers, got ${proof.length} and ${instances.length}`,
        'Compile and set up the model again.',
      ],
    });
  }
}

/** EZKL does not accept a proof that it has just made. */
export class RefusedProofError extends VouchError {
  override readonly name = 'Backend.RefusedProofError';

  constructor() {
    super('EZKL does not accept the proof that it made, so it was not written', {
      metaMessages: ['The input may lie outside what the model was calibrated for: compile it with samples like it.'],
    });
  }
}
