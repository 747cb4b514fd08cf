import { readTextFile } from '../../store/open-file.ts';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  fieldOf,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from '../../verify/json.ts';
import { EZKL_VERSION, EzklVersionError } from './version.ts';

/** What this backend reads in EZKL's settings. */
export interface EzklSettings {
  readonly version: string;
  readonly logrows: number;
  readonly rows: number;
  readonly inputScales: readonly number[];
  readonly outputScales: readonly number[];
  /** Shapes of the tensors whose numbers are published: inputs, then outputs. */
  readonly publishedShapes: readonly (readonly number[])[];
}

const MAX_LENGTH = 1 << 26;
const MAX_TENSORS = 1024;

/** Reads a file of EZKL's as JSON. */
export async function readEzklJson(path: string, maxLength = MAX_LENGTH): Promise<JsonValue> {
  return parseJson(await readTextFile(path, { maxBytes: maxLength }), `"${path}"`, maxLength);
}

/** Reads settings.json and refuses what another version has written. */
export async function readSettings(path: string): Promise<EzklSettings> {
  const settings = asObject(await readEzklJson(path), 'settings.json');
  const field = (key: string) => fieldOf(settings, key, 'settings.json');
  const version = asString(field('version'), 'version', { max: 64 });
  if (version !== EZKL_VERSION) throw new EzklVersionError(`"${path}"`, version, 'Compile the model again.');
  const run = asObject(field('run_args'), 'run_args');
  const numbers = (json: JsonValue, name: string) =>
    asArray(json, name, { max: MAX_TENSORS }).map((item) => asNumber(item, name));
  const scales = (name: string) =>
    asArray(field(name), name, { max: MAX_TENSORS }).map((item) => asScaleBits(item, name));
  return {
    version,
    logrows: asNumber(fieldOf(run, 'logrows', 'run_args'), 'run_args.logrows'),
    rows: asNumber(field('num_rows'), 'num_rows'),
    inputScales: scales('model_input_scales'),
    outputScales: scales('model_output_scales'),
    publishedShapes: asArray(field('model_instance_shapes'), 'model_instance_shapes', { max: MAX_TENSORS }).map(
      (shape) => numbers(shape, 'model_instance_shapes'),
    ),
  };
}

/** A field element has 254 bits. */
const MAX_SCALE_BITS = 254;

/** The exponent of a tensor's scale. */
export function asScaleBits(json: JsonValue, path: string): number {
  const value = asNumber(json, path);
  if (Number.isInteger(value) && Math.abs(value) <= MAX_SCALE_BITS) return value;
  throw new MalformedJsonError(path, `a scale of 2^${value}`);
}
