import { OnnxDecodeError } from './decode-error.ts';
import type { TensorProto } from './generated/onnx_pb.ts';

/** Returns the bytes of an external data file by its `location`. */
export type ExternalData = (location: string) => Uint8Array;

/** The bytes of a tensor that lies outside the model file. */
export function readExternal({ name, externalData }: TensorProto, read: ExternalData | undefined): Uint8Array {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (read === undefined) {
    throw new OnnxDecodeError(`tensor "${name}" lies in "${location}"`, [
      'Read the model by its path, with that file beside it.',
    ]);
  }
  const file = read(location);
  const offset = byteCount(name, 'offset', entries.get('offset') ?? '0');
  const length = byteCount(name, 'length', entries.get('length') ?? String(Math.max(0, file.length - offset)));
  if (offset + length > file.length) {
    throw new OnnxDecodeError(`tensor "${name}" claims ${length} bytes of "${location}" from byte ${offset} on`, [
      `the file has ${file.length}`,
    ]);
  }
  return file.subarray(offset, offset + length);
}

function byteCount(name: string, key: string, text: string): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new OnnxDecodeError(`tensor "${name}" has external ${key} "${text.slice(0, 40)}"`, ['expected a byte count']);
}
