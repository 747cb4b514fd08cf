import { VouchError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { readModelFile } from '../onnx/read.ts';
import { type FloatRuntime, openFloatRuntime } from '../runtime/onnxruntime.ts';

/** The float model that a compiled model was made from, in onnxruntime. Any other ONNX file is refused. */
export async function openReference(path: string, { quantised, digests }: Model): Promise<FloatRuntime> {
  const { sha256, externalDataSha256 } = readModelFile(path);
  if (`0x${sha256}` !== digests.onnx || externalDataSha256 !== digests.externalData) {
    throw new OtherModelError(path, digests.onnx, `0x${sha256}`);
  }
  return await openFloatRuntime(
    path,
    quantised.nodes.filter((node) => node.kind === 'input'),
  );
}

/** The ONNX file is not the one that was compiled. */
export class OtherModelError extends VouchError {
  override readonly name = 'Pool.OtherModelError';

  constructor(path: string, expected: string, got: string) {
    super(`"${path}" is not the ONNX file that was compiled`, {
      metaMessages:
        expected === got
          ? ['Its external data differs.']
          : [`expected sha256 ${expected}`, `got ${got}`, 'Give the file that compile was given.'],
    });
  }
}
