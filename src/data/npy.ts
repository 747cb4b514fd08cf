import { stridedIndex, stridesOf } from '../tensor/shape.ts';
import { smallFloat } from '../tensor/small-floats.ts';
import { claimedSize, type DataArray } from './array.ts';
import { DataFileError } from './data-error.ts';

/** The header of an `.npy` file: what its bytes from `dataOffset` on mean. */
export interface NpyHeader {
  /** NumPy's name of the element type, such as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

const maxHeaderBytes = 2 ** 16;
const maxRank = 32;

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

interface ElementType {
  readonly bytes: number;
  readonly read: Reader;
}

/** By kind and size in bytes, as NumPy writes them behind the byte order. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  f2: { bytes: 2, read: (view, at, little) => smallFloat('float16', view.getUint16(at, little)) ?? Number.NaN },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  b1: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
};

/** Decodes an `.npy` file of numbers or booleans. `place` names it in messages. */
export function decodeNpy(place: string, bytes: Uint8Array): DataArray {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(place, bytes);
  const type = elementTypes[descr.slice(1)];
  if (type === undefined) {
    throw new DataFileError(`${place} holds elements of type "${descr}"`, [
      'expected numbers or booleans; save it with .astype("float32")',
    ]);
  }
  const size = claimedSize(place, shape);
  const present = bytes.length - dataOffset;
  if (present !== size * type.bytes) {
    throw new DataFileError(`${place} has ${present} bytes of data`, [
      `expected ${size * type.bytes} for ${size} elements of type "${descr}"`,
    ]);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, present);
  const littleEndian = !descr.startsWith('>');
  const isWide = descr.endsWith('i8') || descr.endsWith('u8');
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    data[i] = type.read(view, i * type.bytes, littleEndian);
    if (isWide && !Number.isSafeInteger(data[i])) {
      throw new DataFileError(`${place} holds ${data[i]} at element ${i}`, ['expected integers within ±(2^53 − 1)']);
    }
  }
  return { shape, data: fortranOrder ? toRowMajor(shape, data) : data };
}

/** Whether `decodeNpy` knows the element type. */
export const isNumeric = ({ descr }: NpyHeader): boolean => elementTypes[descr.slice(1)] !== undefined;

/** Reads the header alone, bounded. */
export function readNpyHeader(place: string, bytes: Uint8Array): NpyHeader {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new DataFileError(`${place} is not an .npy file`, ['It does not begin with the NumPy signature.']);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const major = bytes[6];
  if (major < 1 || major > 3) throw new DataFileError(`${place} is .npy version ${major}`, ['expected 1, 2 or 3']);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes || start + length > bytes.length) {
    throw new DataFileError(`${place} claims a header of ${length} bytes`, [
      `${bytes.length - start} are present, the limit is ${maxHeaderBytes}`,
    ]);
  }
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const dims = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || dims === undefined) {
    throw new DataFileError(`${place} has an .npy header that cannot be read`, [
      `got ${text.trim().slice(0, 200)}`,
      'expected one element type (no records), fortran_order and shape',
    ]);
  }
  const shape = dims
    .split(',')
    .map((dim) => dim.trim().replace(/L$/, ''))
    .filter((dim) => dim !== '')
    .map(Number);
  if (shape.length > maxRank) throw new DataFileError(`${place} has ${shape.length} axes`, [`the limit is ${maxRank}`]);
  return { descr, fortranOrder: order === 'True', shape, dataOffset: start + length };
}

function toRowMajor(shape: readonly number[], data: Float64Array): Float64Array {
  const columnStrides = stridesOf([...shape].reverse()).reverse();
  return Float64Array.from(stridedIndex(shape, columnStrides), (from) => data[from]);
}
