import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VouchError } from '../../errors.ts';
import { LargeFileError } from '../../store/open-file.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import type { Steps, Verdict, VerifyRequest } from '../contract.ts';
import { display, instanceCount } from './displayed.ts';
import type { EzklKeys } from './manifest.ts';
import { checkedFile, type EzklFolder, ezklFiles, keysOf, openEzklFolder } from './model-folder.ts';
import { decodeEzklProofFile, type EzklProof, type EzklProofFile, MAX_PROOF_FILE, toEzklJson } from './proof-file.ts';
import { callOptions } from './steps.ts';
import { EzklRefusedError, type EzklTool } from './tool.ts';

/** A verdict that says where the reference string came from, too. */
export interface EzklVerdict extends Verdict {
  readonly srs: EzklKeys['srs'];
}

/**
 * Whether a proof file is of this model and holds. What the file displays is computed again from the numbers that are
 * proved; a file that displays others is false.
 */
export async function verifyEzkl(ezkl: EzklTool, request: VerifyRequest): Promise<EzklVerdict> {
  const file = await readProofFile(request.proof);
  const folder = await openEzklFolder(request.directory);
  const verdict = examine(folder, file);
  if (verdict.reasons.length > 0) return verdict;
  const reason = await verifyStatement(ezkl, folder, file, request);
  return reason === undefined ? verdict : refused(verdict, [reason]);
}

/** What can be said of a proof file without a single curve operation. */
export function examine(folder: EzklFolder, file: EzklProofFile): EzklVerdict {
  const { manifest } = folder;
  const keys = keysOf(folder);
  const { modelId, trust, srs, proofBytes } = keys;
  const count = instanceCount(manifest);
  const reasons = [
    ...(file.modelId === modelId ? [] : [`it is of model ${file.modelId}`]),
    ...(file.trust === trust ? [] : [`it claims trust ${file.trust}`]),
    ...(file.proof.length === proofBytes ? [] : [`it has ${file.proof.length} bytes, not ${proofBytes}`]),
    ...(file.instances.length === count ? [] : [`it is about ${file.instances.length} numbers, not ${count}`]),
  ];
  const blank: EzklVerdict = { valid: false, reasons, modelId, trust, srs, inputs: [], outputs: [] };
  if (reasons.length > 0) return blank;
  const { inputs, outputs } = display(manifest, file.instances);
  const shown = [...inputs, ...outputs].flatMap((tensor) => ('values' in tensor ? [tensor] : []));
  const differs = shown.find(({ name, values }) => String(file.values[name]) !== String(values));
  if (differs !== undefined) return refused(blank, [`it displays other numbers of ${differs.name} than it proves`]);
  const more = Object.keys(file.values).find((name) => shown.every((tensor) => tensor.name !== name));
  if (more !== undefined) return refused(blank, [`it displays numbers of ${more}, of which it proves none`]);
  return { ...blank, valid: true, inputs, outputs };
}

/** The verdict on a proof that does not hold; it shows no numbers. */
export const refused = (verdict: EzklVerdict, reasons: readonly string[]): EzklVerdict => {
  return { ...verdict, valid: false, reasons, inputs: [], outputs: [] };
};

/** Why EZKL does not accept a proof; `undefined` where it does. */
export async function verifyStatement(
  ezkl: EzklTool,
  folder: EzklFolder,
  statement: EzklProof,
  steps: Steps,
): Promise<string | undefined> {
  const settings_path = await checkedFile(folder, ezklFiles.settings);
  const vk_path = await checkedFile(folder, ezklFiles.verifyingKey);
  const srs_path = await checkedFile(folder, ezklFiles.srs);
  return withTemporaryFolder(async (temporary) => {
    const proof_path = join(temporary, 'proof.json');
    await writeFile(proof_path, toEzklJson(statement));
    const given = { proof_path, settings_path, vk_path, srs_path, reduced_srs: false };
    try {
      const accepted = await ezkl.call('verify', given, callOptions(steps, 'verify'));
      if (accepted === null) throw new NoVerdictError('it answered neither yes nor no');
      return accepted ? undefined : 'EZKL does not accept it';
    } catch (error) {
      if (!(error instanceof EzklRefusedError)) throw error;
      const verdict = FALSE_PROOF.exec(error.complaint)?.[0];
      if (verdict === undefined) throw new NoVerdictError(error.complaint, error);
      return verdict;
    }
  });
}

/**
 * What EZKL says of a proof that does not hold: an equation fails, or its bytes are no points and numbers of the curve.
 * Whatever else it says is of a file that it cannot read, or of itself.
 */
const FALSE_PROOF =
  /\[halo2\] (The constraint system is not satisfied|Multi-opening proof was invalid|Transcript error: [^\n]*)$/m;

/** Reads a proof file, which may come through a pipe. */
export async function readProofFile(path: string): Promise<EzklProofFile> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      bytes += chunk.length;
      if (bytes > MAX_PROOF_FILE) throw new LargeFileError(path, bytes, MAX_PROOF_FILE);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof VouchError) throw cause;
    throw new VouchError(`"${path}" cannot be read`, { cause });
  }
  return decodeEzklProofFile(Buffer.concat(chunks).toString('utf8'));
}

/** EZKL did not come to a verdict. That says nothing of the proof. */
export class NoVerdictError extends VouchError {
  override readonly name = 'Backend.NoVerdictError';

  constructor(complaint: string, cause?: unknown) {
    super('EZKL could not tell whether the proof holds', {
      metaMessages: [complaint.slice(0, 2000), 'Get the directory again from whoever made it, or repeat the setup.'],
      docsPath: 'docs/ezkl.md',
      cause,
    });
  }
}
