import { readFile, stat } from 'node:fs/promises';
import { VouchError } from '../../errors.ts';
import { asArray, asNumber, asObject, asString, fieldOf, type JsonValue, parseJson } from '../../verify/json.ts';
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
  const { size } = await stat(path);
  if (size > maxLength) throw new VouchError(`"${path}" has ${size} bytes`, { metaMessages: [`at most ${maxLength}`] });
  return parseJson(await readFile(path, 'utf8'), `"${path}"`, maxLength);
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
  return {
    version,
    logrows: asNumber(fieldOf(run, 'logrows', 'run_args'), 'run_args.logrows'),
    rows: asNumber(field('num_rows'), 'num_rows'),
    inputScales: numbers(field('model_input_scales'), 'model_input_scales'),
    outputScales: numbers(field('model_output_scales'), 'model_output_scales'),
    publishedShapes: asArray(field('model_instance_shapes'), 'model_instance_shapes', { max: MAX_TENSORS }).map(
      (shape) => numbers(shape, 'model_instance_shapes'),
    ),
  };
}
