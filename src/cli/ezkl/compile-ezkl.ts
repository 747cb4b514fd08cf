import type { NetworkForm } from '../../backend/ezkl/manifest.ts';
import { openEzklFolder } from '../../backend/ezkl/model-folder.ts';
import type { CalibrationTarget } from '../../backend/ezkl/tool.ts';
import { inputVisibilities, outputVisibilities } from '../../tensor/visibility.ts';
import { ArgumentError, parseDims, parseVisibilities } from '../arguments.ts';
import type { BackendArguments } from '../backend-options.ts';
import type { InspectArguments } from '../inspect-options.ts';
import type { Progress } from '../progress.ts';
import { renderVisibility } from '../render-visibility.ts';
import type { Outcome } from '../run.ts';
import { formatNumber } from '../table.ts';
import { type FloatDistance, floatDistance } from './float-distance.ts';
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

/** Samples on which the compiled circuit is compared with the float model; calibration has not seen them if it can be. */
const COMPARED = 8;

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
      const { rows, details } = await backend.compile({ ...request, ...steps });
      const { manifest } = await openEzklFolder(directory);
      const samples = calibrate === undefined ? [] : await backend.readSamples(directory, calibrate);
      const unseen = samples.slice(manifest.calibration.samples);
      const seen = unseen.length === 0;
      const chosen = (seen ? samples : unseen).slice(0, COMPARED);
      const compared = await floatDistance(backend, { directory, onnx, samples: chosen }, steps);
      const { maxDelta, reference } = compared;
      const float = { samples: chosen.length, calibratedOn: seen, maxDelta, reference };
      const value = { directory, backend: 'ezkl', rows, ...details, float, peakMb: backend.peakMb() };
      return { value, text: render(directory, manifest, details, compared) };
    },
    choice,
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
  compared: FloatDistance,
): string {
  const { form, rows, logrows, version, inputs, outputs, calibration } = manifest;
  const drawn = calibration.sha256 === null;
  const source = drawn ? 'samples drawn at random: give real ones with --calibrate' : `of ${given} samples`;
  return [
    ...(form === 'file' ? [] : ['EZKL compiled the network rewritten into operators that it has']),
    ...(typeof refused === 'string' ? [`because it refused the file's own: ${refused.split('\n').at(-1)}`] : []),
    `calibrated for ${calibration.target} on ${calibration.samples} ${source}`,
    ...compared.lines,
    `wrote ${directory}: ${formatNumber(rows)} rows of 2^${logrows} (EZKL ${version})`,
    ...[...inputs, ...outputs].map(renderVisibility),
  ].join('\n');
}
