import { inflateRawSync } from 'node:zlib';
import { DataFileError } from './data-error.ts';
import type { Arrays } from './data-set.ts';
import { readNpy } from './npy.ts';

/** The most an archive may unpack to: a few gigabytes of zeros compress to nothing. */
const maxUnpackedBytes = 2 ** 31;

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** Reads the arrays of a NumPy `.npz` archive by name. */
export function readNpz(path: string, bytes: Uint8Array): Arrays {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(path, view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let budget = maxUnpackedBytes;
  const arrays = new Map<string, Float64Array>();
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== entrySignature) throw broken(path);
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const unpacked = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const skip = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    at += 46 + nameLength + skip;
    budget -= unpacked;
    if (budget < 0) throw new DataFileError(path, `unpacks to more than ${maxUnpackedBytes} bytes`);
    const content = unpack(path, bytes, view, local, packed, unpacked, method);
    arrays.set(name.replace(/\.npy$/, ''), readNpy(`${path}:${name}`, content));
  }
  return arrays;
}

function findEnd(path: string, view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65_557); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  throw new DataFileError(path, 'is not a .npz archive');
}

function unpack(
  path: string,
  bytes: Uint8Array,
  view: DataView,
  local: number,
  packed: number,
  unpacked: number,
  method: number,
): Uint8Array {
  if (local + 30 > bytes.length || view.getUint32(local, true) !== localSignature) throw broken(path);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) throw broken(path);
  const content = bytes.subarray(start, start + packed);
  if (method === 0) return content;
  if (method !== 8)
    throw new DataFileError(path, `uses compression method ${method}`, ['Save it with numpy.savez_compressed.']);
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, unpacked) });
  } catch (cause) {
    throw new DataFileError(path, 'holds damaged data', [cause instanceof Error ? cause.message : String(cause)]);
  }
}

const broken = (path: string): DataFileError => new DataFileError(path, 'is a damaged archive');
