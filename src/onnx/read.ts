import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { decodeModel } from './decode.ts';
import { OnnxDecodeError } from './decode-error.ts';
import type { OnnxModel } from './model.ts';
import { type DecodeLimits, defaultLimits } from './tensor.ts';

const maxFileBytes = 2 ** 31;

/** Reads an `.onnx` file with the external data beside it. */
export function readModel(path: string, limits: DecodeLimits = defaultLimits): OnnxModel {
  const bytes = readBounded(path);
  const folder = realpathSync(dirname(path));
  const files = new Map<string, Uint8Array>();
  const externalData = (location: string): Uint8Array => {
    const known = files.get(location);
    if (known !== undefined) return known;
    const file = readBounded(insideFolder(folder, location));
    files.set(location, file);
    return file;
  };
  return decodeModel(bytes, { externalData, limits });
}

/** External data may lie beside the model or below it, nowhere else, links included. */
function insideFolder(folder: string, location: string): string {
  const refuse = (why: string): OnnxDecodeError =>
    new OnnxDecodeError(`external data "${location}" ${why}`, ['It must lie beside the model file.']);
  if (location === '' || isAbsolute(location)) throw refuse('is not a relative path');
  const path = resolve(folder, location);
  if (!path.startsWith(folder + sep)) throw refuse('leaves the folder of the model');
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new OnnxDecodeError(`external data "${location}" cannot be read`, ['Put the file beside the model.'], cause);
  }
  if (!real.startsWith(folder + sep)) throw refuse('is a link that leaves the folder of the model');
  return real;
}

function readBounded(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > maxFileBytes) throw new OnnxDecodeError(`"${path}" has ${size} bytes`, [`the limit is ${maxFileBytes}`]);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof OnnxDecodeError) throw cause;
    throw new OnnxDecodeError(
      `"${path}" cannot be read`,
      [cause instanceof Error ? cause.message : String(cause)],
      cause,
    );
  }
}
