import { DataFileError } from './data-error.ts';

interface ElementReader {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const readers: Readonly<Record<string, ElementReader>> = {
  f8: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  f4: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  i8: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  u8: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  i4: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  u4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  i2: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  u2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Reads a NumPy `.npy` array (row-major, little-endian numbers) into float64. */
export function readNpy(path: string, bytes: Uint8Array): Float64Array {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw new DataFileError(path, 'is not a .npy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  if (wide && bytes.length < 12) throw new DataFileError(path, 'ends inside its header');
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + headerLength;
  if (start > bytes.length) throw new DataFileError(path, 'ends inside its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(wide ? 12 : 10, start));
  const descr = /'descr'\s*:\s*'([<|=])?([a-z]\d)'/.exec(header);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header);
  const reader = descr === null ? undefined : readers[descr[2]];
  if (reader === undefined || shape === null) {
    throw new DataFileError(path, 'has an element type that cannot be read', [
      `header: ${header.trim().slice(0, 200)}`,
    ]);
  }
  if (/'fortran_order'\s*:\s*True/.test(header) && shape[1].includes(',') && !/^\s*\d+\s*,?\s*$/.test(shape[1])) {
    throw new DataFileError(path, 'is stored column by column', ['Save it with numpy.ascontiguousarray(array).']);
  }
  const dims = shape[1]
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size * reader.bytes !== bytes.length - start) {
    throw new DataFileError(path, `claims shape (${dims.join(', ')})`, [
      `that needs ${size * reader.bytes} bytes, the file holds ${bytes.length - start}`,
    ]);
  }
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = reader.read(view, start + i * reader.bytes);
  return data;
}
