import type { FileHandle } from 'node:fs/promises';
import { PREPARED } from './prepared-format.ts';
import { readSectionTable } from './section-table.ts';
import { G1_BYTES, G2_BYTES } from './stored-points.ts';
import { SUMMARY_LIMITS } from './zkey.ts';
import { SECTION, ZKEY_FORMAT } from './zkey-format.ts';

/** alpha1, beta1, delta1, beta2 and delta2 of a `.zkey`'s header, as a prepared key has them after its head. */
export function headerPoints(header: Uint8Array): Uint8Array {
  const points = header.subarray(HEADER_NUMBERS);
  const [g1, g2] = [G1_BYTES, G2_BYTES];
  return Buffer.concat([
    points.subarray(0, 2 * g1),
    points.subarray(2 * g1 + 2 * g2, 3 * g1 + 2 * g2),
    points.subarray(2 * g1, 2 * g1 + g2),
    points.subarray(3 * g1 + 2 * g2, 3 * g1 + 3 * g2),
  ]);
}

/**
 * Whether a prepared key blinds with the deltas of the `.zkey`. Whatever else is wrong in it gives proofs that do not verify;
 * with other deltas a proof could verify and still tell about its witness.
 */
export async function blindsLike(prepared: FileHandle, zkey: string): Promise<boolean> {
  const { kept } = await readSectionTable(zkey, ZKEY_FORMAT, SUMMARY_LIMITS);
  const expected = headerPoints(kept.get(SECTION.header) ?? new Uint8Array());
  const found = Buffer.alloc(expected.length);
  const { bytesRead } = await prepared.read(found, 0, found.length, PREPARED.headBytes);
  return bytesRead === found.length && found.length === POINT_BYTES && found.equals(expected);
}

/** What stands before the points in a `.zkey`'s header. */
const HEADER_NUMBERS = 84;
const POINT_BYTES = 3 * G1_BYTES + 2 * G2_BYTES;
