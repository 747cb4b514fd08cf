/** Bytes of one element in every binary format here. */
export const FIELD_BYTES = 32;

/** Reads an unsigned little-endian number of 32 bytes. */
export function readLittleEndian(bytes: Uint8Array, offset: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, FIELD_BYTES);
  let value = 0n;
  for (let at = FIELD_BYTES - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}

/** Writes `value`, 0 ≤ value < 2^256, as 32 little-endian bytes. */
export function writeLittleEndian(bytes: Uint8Array, offset: number, value: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, FIELD_BYTES);
  for (let at = 0; at < FIELD_BYTES; at += 8) view.setBigUint64(at, BigInt.asUintN(64, value >> BigInt(8 * at)), true);
}

/** 32 big-endian bytes, as the EVM reads them. */
export function toBigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeLittleEndian(bytes, 0, value);
  return bytes.reverse();
}
