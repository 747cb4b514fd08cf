import { open } from 'node:fs/promises';
import { BASE_MODULUS } from '../field/bn254.ts';
import { NativeKernelError, STATUS } from './native-status.ts';

/**
 * Throws where delta1 of a `.zkey` is not on the curve: with infinity in its place a proof could verify and still tell about
 * its witness. A file without a header passes: no kernel takes it.
 */
export async function checkBlinding(provingKey: string | Uint8Array): Promise<void> {
  const delta = await (typeof provingKey === 'string' ? deltaOfFile(provingKey) : findDelta(readerOf(provingKey)));
  if (delta !== undefined && !isOnCurve(delta)) throw new NativeKernelError(STATUS.doesNotBlind);
}

type Read = (position: number, length: number) => Promise<Uint8Array>;

const readerOf =
  (bytes: Uint8Array): Read =>
  async (position, length) =>
    bytes.subarray(position, position + length);

async function deltaOfFile(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r');
  try {
    return await findDelta(async (position, length) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

async function findDelta(read: Read): Promise<Uint8Array | undefined> {
  for (let section = 0, at = HEAD_BYTES; section < MOST_SECTIONS; section++) {
    const head = await read(at, HEAD_BYTES);
    if (head.length < HEAD_BYTES) return undefined;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const [id, length] = [view.getUint32(0, true), Number(view.getBigUint64(4, true))];
    at += HEAD_BYTES;
    if (id !== HEADER_SECTION) at += length;
    else {
      const delta = await read(at + DELTA_AT, POINT_BYTES);
      return delta.length === POINT_BYTES ? delta : undefined;
    }
  }
  return undefined;
}

/** Whether y² = x³ + 3, for coordinates times R = 2^256: (yR)²·R = (xR)³ + 3·R³. */
function isOnCurve(point: Uint8Array): boolean {
  const [x, y] = [0, 32].map((at) =>
    BigInt(
      `0x${Buffer.from(point.subarray(at, at + 32))
        .reverse()
        .toString('hex')}`,
    ),
  );
  const radix = 2n ** 256n;
  return (y * y * radix - x * x * x - 3n * radix ** 3n) % BASE_MODULUS === 0n;
}

const HEAD_BYTES = 12;
const MOST_SECTIONS = 16;
const HEADER_SECTION = 2;
/** After the numbers, alpha1, beta1, beta2 and gamma2. */
const DELTA_AT = 84 + 2 * 64 + 2 * 128;
const POINT_BYTES = 64;
