import { crc32, inflateRawSync } from 'node:zlib';
import { DataFileError } from './data-error.ts';

/** One file of a ZIP archive, not yet unpacked. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly headerOffset: number;
}

const endBytes = 22;
const centralBytes = 46;
const localBytes = 30;
const maxComment = 2 ** 16;
const maxEntries = 4096;

/** What the entries may unpack to, all together. */
export const maxUnpackedBytes = 2 ** 30;

/** The table of contents of an archive. Claims are bounded here, before anything is unpacked. */
export function listZip(place: string, archive: Uint8Array): ZipEntry[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  const end = findEnd(view);
  if (end === undefined) throw new DataFileError(`${place} is not a ZIP archive`, ['It may be truncated.']);
  const count = view.getUint16(end + 10, true);
  if (count > maxEntries) throw new DataFileError(`${place} claims ${count} entries`, [`the limit is ${maxEntries}`]);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  let unpacked = 0;
  for (let i = 0; i < count; i++) {
    if (at + centralBytes > end || view.getUint32(at, true) !== 0x02014b50) {
      throw new DataFileError(`${place} has a damaged table of contents at entry ${i}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + centralBytes + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw new DataFileError(`${place} has a damaged table of contents at entry ${i}`);
    const name = new TextDecoder().decode(archive.subarray(at + centralBytes, at + centralBytes + nameBytes));
    const bytes = view.getUint32(at + 24, true);
    unpacked += bytes;
    if (unpacked > maxUnpackedBytes) {
      throw new DataFileError(`${place} claims to unpack to more than ${maxUnpackedBytes} bytes`, [
        'Give fewer samples.',
      ]);
    }
    if ((view.getUint16(at + 8, true) & 1) === 1) throw new DataFileError(`${place}: "${name}" is encrypted`);
    entries.push({
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes,
      headerOffset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

/** Unpacks one entry; never to more than it claims, whatever its stream says. */
export function unpackEntry(place: string, archive: Uint8Array, entry: ZipEntry): Uint8Array {
  const { name, headerOffset, packedBytes, method } = entry;
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  const damaged = (why: string, cause?: unknown): DataFileError =>
    new DataFileError(`${place}: "${name}" is damaged`, [why], cause);
  if (headerOffset + localBytes > archive.length || view.getUint32(headerOffset, true) !== 0x04034b50) {
    throw damaged(`no entry begins at byte ${headerOffset}`);
  }
  const start =
    headerOffset + localBytes + view.getUint16(headerOffset + 26, true) + view.getUint16(headerOffset + 28, true);
  if (start + packedBytes > archive.length) throw damaged(`${packedBytes} bytes at ${start} reach beyond the file`);
  const packed = archive.subarray(start, start + packedBytes);
  let unpacked = packed;
  if (method === 8) {
    try {
      unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(entry.bytes, 1) });
    } catch (cause) {
      throw damaged(cause instanceof Error ? cause.message : String(cause), cause);
    }
  } else if (method !== 0) throw damaged(`compression method ${method}; expected stored (0) or deflate (8)`);
  if (unpacked.length !== entry.bytes) throw damaged(`unpacks to ${unpacked.length} bytes, expected ${entry.bytes}`);
  if (crc32(unpacked) !== entry.crc) throw damaged('the checksum does not match');
  return unpacked;
}

function findEnd(view: DataView): number | undefined {
  const lowest = Math.max(0, view.byteLength - endBytes - maxComment);
  for (let at = view.byteLength - endBytes; at >= lowest; at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return undefined;
}
