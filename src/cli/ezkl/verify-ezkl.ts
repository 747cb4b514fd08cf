import type { VerifyRequest } from '../../backend/contract.ts';
import { openEngine, verifyWithEngine } from '../../backend/engine.ts';
import type { EzklVerdict } from '../../backend/ezkl/verify.ts';
import type { BackendArguments } from '../backend-options.ts';
import { exitCodes } from '../output.ts';
import type { Progress } from '../progress.ts';
import { renderDisplayed } from '../render-displayed.ts';
import type { Outcome } from '../run.ts';
import { withEzkl } from './with-ezkl.ts';

/** What of `verify`'s options EZKL has nothing for: its proofs are bound to no number, and its commitments to no opening. */
export const groth16VerifyOnly = ['expectBinding', 'expectInput', 'opening'];

export interface EzklVerifyArguments {
  readonly key: string;
  readonly expectModel?: string;
  readonly engine?: boolean;
}

/** Checks a proof file against a directory. */
export function verifyWithEzkl(
  proof: string,
  { key, expectModel, engine, ...options }: BackendArguments & EzklVerifyArguments,
  progress: Progress,
): Promise<Outcome> {
  return withEzkl(options, progress, async (backend, steps) => {
    const request = { directory: key, proof, ...steps };
    const found = await (engine === true ? askEngine(request) : backend.verify(request));
    const { modelId, trust, srs, outputs, inputs } = found;
    const unexpected = expectModel === undefined || expectModel === modelId ? [] : [`it is of model ${modelId}`];
    const reasons = [...found.reasons, ...unexpected];
    const valid = found.valid && unexpected.length === 0;
    const unpinned = expectModel === undefined ? [`the model (${modelId})`] : [];
    const shown = valid ? { outputs, inputs } : { outputs: [], inputs: [] };
    return {
      value: { valid, reasons, backend: 'ezkl', modelId, trust, srs, ...shown, unpinned },
      text: [
        valid ? 'the proof holds' : `the proof does not hold: ${reasons.join('; ')}`,
        `model ${modelId}`,
        `trust ${trust}${remark(found)}`,
        ...[...shown.outputs, ...shown.inputs.filter(({ visibility }) => visibility !== 'private')].map(
          renderDisplayed,
        ),
        ...unpinned.map((item) => `not pinned: ${item}`),
      ].join('\n'),
      exitCode: valid ? exitCodes.success : exitCodes.negative,
    };
  });
}

function remark({ trust, srs }: EzklVerdict): string {
  if (trust === 'insecure-dev') return ' (whoever made the setup can forge proofs)';
  return srs === 'given' ? " (only the directory's maker vouches for its reference string)" : '';
}

/** Without native code, by the npm package that the user has installed. */
async function askEngine(request: VerifyRequest): Promise<EzklVerdict> {
  const engine = await openEngine();
  return verifyWithEngine(engine, request).finally(() => engine.close());
}
