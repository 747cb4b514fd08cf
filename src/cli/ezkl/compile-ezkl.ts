import type { Steps } from '../../backend/contract.ts';
import type { NetworkForm } from '../../backend/ezkl/manifest.ts';
import { openEzklFolder } from '../../backend/ezkl/model-folder.ts';
import { type CalibrationTarget, EzklRefusedError } from '../../backend/ezkl/tool.ts';
import { VouchError } from '../../errors.ts';
import { inputVisibilities, outputVisibilities } from '../../tensor/visibility.ts';
import { ArgumentError, parseDims, parseVisibilities } from '../arguments.ts';
import type { BackendArguments } from '../backend-options.ts';
import type { InspectArguments } from '../inspect-options.ts';
import type { Progress } from '../progress.ts';
import { renderVisibility } from '../render-visibility.ts';
import type { Outcome } from '../run.ts';
import { formatNumber } from '../table.ts';
import { type FloatDistance, floatDistance, notCompared } from './float-distance.ts';
import { withEzkl } from './with-ezkl.ts';

export interface EzklCompileArguments extends BackendArguments {
  readonly target?: CalibrationTarget;
  readonly network?: NetworkForm;
  readonly maxLogrows?: string;
}

/** What of `compile`'s options EZKL has nothing for. */
export const groth16Only = [
  'bound',
  'range',
  'margin',
  'agreement',
  'closeness',
  'maxError',
  'inputBits',
  'printAfter',
];

/** ONNX file → a directory of EZKL's, and how far its numbers are from the float model's. */
export function compileWithEzkl(
  onnx: string,
  options: InspectArguments & EzklCompileArguments & { readonly out: string },
  progress: Progress,
): Promise<Outcome> {
  const { out: directory, calibrate, target, network, maxLogrows } = options;
  const choice = {
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { network }),
    ...(maxLogrows === undefined ? {} : { maxLogrows: parseLogrows(maxLogrows) }),
  };
  return withEzkl(
    options,
    progress,
    async (backend, steps) => {
      const visibility = {
        inputs: parseVisibilities('--input', options.input, inputVisibilities),
        outputs: parseVisibilities('--output', options.output, outputVisibilities),
      };
      const request = { onnx, directory, dims: parseDims(options.dim), visibility, calibrate };
      const { rows, details, comparable: samples } = await backend.compile({ ...request, ...steps });
      const { manifest } = await openEzklFolder(directory);
      const compared = await floatDistance(backend, { directory, onnx, samples }, steps).catch((error) =>
        whyNot(error, steps),
      );
      const { maxDelta, reference } = compared;
      const { sha256, samples: calibrated } = manifest.calibration;
      const drawn = sha256 === null;
      const seen = !drawn && Number(details.given) <= calibrated;
      const float = { samples: compared.samples, drawn, calibratedOn: seen, maxDelta, reference };
      const value = { directory, backend: 'ezkl', rows, ...details, float, peakMb: backend.peakMb() };
      const which = drawn ? ' drawn at random' : seen ? ' that calibration has seen' : '';
      return { value, text: render(directory, manifest, details, { compared, which }) };
    },
    choice,
  );
}

/** The directory is there and whole, so that only the user's leaving ends the command: all else is said in its output. */
function whyNot(error: unknown, { signal }: Steps): FloatDistance {
  if (!(error instanceof VouchError) || signal?.aborted === true) throw error;
  return notCompared(
    error instanceof EzklRefusedError ? `${error.shortMessage}: ${error.complaint}` : error.shortMessage,
  );
}

function parseLogrows(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 28) return value;
  throw new ArgumentError('--max-logrows', text, 'a whole number from 1 to 28');
}

type Manifest = Awaited<ReturnType<typeof openEzklFolder>>['manifest'];

function render(
  directory: string,
  manifest: Manifest,
  { refused, given }: Readonly<Record<string, unknown>>,
  { compared, which }: { readonly compared: FloatDistance; readonly which: string },
): string {
  const { form, rows, logrows, version, inputs, outputs, calibration } = manifest;
  const drawn = calibration.sha256 === null;
  const source = drawn ? 'samples drawn at random: give real ones with --calibrate' : `of ${given} samples`;
  return [
    ...(form === 'file' ? [] : ['EZKL compiled the network rewritten into operators that it has']),
    ...(typeof refused === 'string' ? [`because it refused the file's own: ${refused.split('\n').at(-1)}`] : []),
    `calibrated for ${calibration.target} on ${calibration.samples} ${source}`,
    ...compared.lines.map((line) => `${line}${compared.maxDelta === null ? '' : which}`),
    `wrote ${directory}: ${formatNumber(rows)} rows of 2^${logrows} (EZKL ${version})`,
    ...[...inputs, ...outputs].map(renderVisibility),
  ].join('\n');
}
