import { isScalar, SCALAR_MODULUS, type Scalar } from '../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian } from '../field/bytes.ts';
import { decodeContainer, MalformedFileError } from '../field/sections.ts';

const FORMAT = { magic: 'wtns', version: 2, sections: [1, 2] };

/** A view of the values in a `.wtns` file, 32 little-endian bytes for each wire. Their range is not checked. */
export function witnessValues(bytes: Uint8Array): Uint8Array {
  const sections = decodeContainer(bytes, FORMAT);
  const [header, values] = [sections.get(1), sections.get(2)];
  if (header?.length !== 8 + FIELD_BYTES || values === undefined) {
    throw new MalformedFileError('wtns', 'its header or its values are missing');
  }
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (view.getUint32(0, true) !== FIELD_BYTES || readLittleEndian(header, 4) !== SCALAR_MODULUS) {
    throw new MalformedFileError('wtns', 'its field is not the scalar field of BN254');
  }
  if (values.length !== FIELD_BYTES * view.getUint32(36, true)) {
    throw new MalformedFileError('wtns', `${values.length} bytes cannot hold ${view.getUint32(36, true)} values`);
  }
  return values;
}

/** The public signals: the values of the wires after the constant. */
export function publicValues(values: Uint8Array, count: number): Scalar[] {
  return Array.from({ length: count }, (_, i) => {
    const value = readLittleEndian(values, FIELD_BYTES * (i + 1));
    if (!isScalar(value))
      throw new MalformedFileError('wtns', `the value of wire ${i + 1} is not below the field's order`);
    return value;
  });
}
