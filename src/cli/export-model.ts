import { isEzklFolder, keysOf, openEzklFolder, readSolidity } from '../backend/ezkl/model-folder.ts';
import { circomInput } from '../circom/input.ts';
import { emitCircom } from '../circom/program.ts';
import { VouchError } from '../errors.ts';
import { verifierSource } from '../evm/verifier-source.ts';
import { readSamples } from '../pipeline/samples.ts';
import { quantiseInputs } from '../quant/interpret.ts';
import { writeR1cs } from '../r1cs/file.ts';
import { openKeys, openModel } from '../store/directory.ts';
import { modelIdOf } from '../verify/model-core.ts';
import type { Outcome } from './run.ts';
import { formatNumber } from './table.ts';

/** A text for another tool, and what `--json` says of it. */
export interface Artefact {
  readonly kind: 'calldata' | 'input' | 'program' | 'source';
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Beyond this the circom compiler takes many minutes: a limit of patience, not of correctness. */
const mostCircomConstraints = 300_000;

export async function exportR1cs(path: string, output: string): Promise<Outcome> {
  const { circuit, digests } = await openModel(path);
  await writeR1cs(output, circuit.system);
  return { value: { file: output, sha256: digests.r1cs }, text: `wrote ${output}` };
}

export interface CircomOptions {
  /** Data whose first sample becomes the program's input, which is then written instead. */
  readonly input?: string;
  /** Whether to write programs of any size. */
  readonly force?: boolean;
}

export async function exportCircom(path: string, { input, force = false }: CircomOptions): Promise<Artefact> {
  const model = await openModel(path);
  if (input !== undefined) {
    const [sample] = await readSamples(model, input);
    const signals = circomInput(model.quantised, model.ranges, quantiseInputs(model.quantised, sample));
    return { kind: 'input', text: JSON.stringify(signals), facts: {} };
  }
  const { rows } = model.circuit.system;
  if (rows > mostCircomConstraints && !force) throw new CircomSizeError(rows);
  const program = emitCircom(model.quantised, model.ranges);
  return { kind: 'program', text: program, facts: { constraints: rows } };
}

export async function exportSolidity(path: string): Promise<Artefact> {
  if (await isEzklFolder(path)) {
    const folder = await openEzklFolder(path);
    const { modelId, trust } = keysOf(folder);
    const text = await readSolidity(folder);
    return { kind: 'source', text, facts: { backend: 'ezkl', modelId, trust } };
  }
  const { file } = await openKeys(await openModel(path));
  const source = verifierSource(file);
  const { core } = file;
  return {
    kind: 'source',
    text: source,
    facts: { modelId: modelIdOf(core), vkDigest: core.vkDigest, trust: core.trust },
  };
}

/** A program that nobody could compile in reasonable time. */
export class CircomSizeError extends VouchError {
  override readonly name = 'CircomSizeError';

  constructor(rows: number) {
    super(`the model has ${formatNumber(rows)} constraints, too many for the circom compiler`, {
      metaMessages: [
        `expected at most ${formatNumber(mostCircomConstraints)}`,
        'Add --force to write the program all the same.',
      ],
    });
  }
}
