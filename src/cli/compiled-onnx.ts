import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNames } from '../store/file-names.ts';

/** The ONNX file to compare with, or why there is none. */
export interface CompiledOnnx {
  readonly onnx?: string;
  readonly missing?: string;
}

/**
 * The ONNX file that a directory was compiled from: the one given, else the one its report names, as long as it still
 * lies there. A directory holds no copy, because whoever only proves shall not need the float model; what it holds is
 * the digest, and the pool refuses any other file.
 */
export async function compiledOnnx(directory: string, given: string | undefined): Promise<CompiledOnnx> {
  if (given !== undefined) return { onnx: given };
  const recorded = await recordedPath(directory);
  if (recorded === undefined) return { missing: 'the report names no ONNX file; give it with --onnx' };
  const isThere = await stat(recorded).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) return { missing: `"${recorded}" is not there any more; give it with --onnx` };
  return { onnx: recorded };
}

async function recordedPath(directory: string): Promise<string | undefined> {
  try {
    const report: unknown = JSON.parse(await readFile(join(directory, fileNames.report), 'utf8'));
    const path: unknown = Object(Object(report).model).path;
    return typeof path === 'string' ? path : undefined;
  } catch {
    // A directory without a report is refused when it is opened.
    return undefined;
  }
}
