import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { decodeModel } from './decode.ts';
import { OnnxDecodeError } from './decode-error.ts';
import type { DecodeLimits } from './limits.ts';
import type { OnnxModel } from './model.ts';

/** Of the model and all its external data together. */
const maxBytes = 2 ** 31;

/** A model file and what its bytes and those of its external data hash to. */
export interface ModelFile {
  readonly model: OnnxModel;
  readonly sha256: string;
  /** Of all external data in the order it is read; of nothing where there is none. */
  readonly externalDataSha256: `0x${string}`;
}

/** Reads an `.onnx` file with the external data beside it. */
export function readModel(path: string, limits: Partial<DecodeLimits> = {}): OnnxModel {
  return readModelFile(path, limits).model;
}

export function readModelFile(path: string, limits: Partial<DecodeLimits> = {}): ModelFile {
  const bytes = readBounded(path, maxBytes);
  const folder = realpathSync(dirname(path));
  const files = new Map<string, Uint8Array>();
  let left = maxBytes - bytes.length;
  const externalData = (location: string): Uint8Array => {
    const inside = insideFolder(folder, location);
    const known = files.get(inside);
    if (known !== undefined) return known;
    const file = readBounded(inside, left);
    left -= file.length;
    files.set(inside, file);
    return file;
  };
  const model = decodeModel(bytes, { externalData, limits });
  const external = createHash('sha256');
  for (const file of files.values()) external.update(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { model, sha256, externalDataSha256: `0x${external.digest('hex')}` };
}

/** External data may lie beside the model or below it, nowhere else, links included. */
function insideFolder(folder: string, location: string): string {
  const refuse = (why: string): OnnxDecodeError =>
    new OnnxDecodeError(`external data "${location}" ${why}`, ['It must lie beside the model file.']);
  if (location === '' || isAbsolute(location)) throw refuse('is not a relative path');
  const path = resolve(folder, location);
  if (!isInside(folder, path)) throw refuse('leaves the folder of the model');
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new OnnxDecodeError(`external data "${location}" cannot be read`, ['Put the file beside the model.'], cause);
  }
  if (!isInside(folder, real)) throw refuse('is a link that leaves the folder of the model');
  return real;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way.split(sep)[0] !== '..' && !isAbsolute(way);
}

function readBounded(path: string, limit: number): Uint8Array {
  try {
    const status = statSync(path);
    if (!status.isFile()) throw new OnnxDecodeError(`"${path}" is not a file`);
    if (status.size > limit) {
      throw new OnnxDecodeError(`"${path}" has ${status.size} bytes`, [
        `${limit} of the ${maxBytes} are left that a model and its data may have together`,
      ]);
    }
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof OnnxDecodeError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxDecodeError(`"${path}" cannot be read`, [detail], cause);
  }
}
