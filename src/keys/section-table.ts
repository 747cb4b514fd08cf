import { type FileHandle, open } from 'node:fs/promises';
import { VouchError } from '../errors.ts';
import { type ContainerFormat, MalformedFileError } from '../field/sections.ts';

/** Where a section's contents lie in its file. */
export interface SectionPlace {
  readonly position: number;
  readonly length: number;
}

export interface SectionTable {
  readonly places: ReadonlyMap<number, SectionPlace>;
  /** The contents of the sections that were asked for. */
  readonly kept: ReadonlyMap<number, Uint8Array>;
}

/**
 * Reads where the sections of a file lie, and the contents of those in `limits`, which gives the most bytes each
 * may have. Throws unless lengths add up and every id is known and occurs once.
 */
export async function readSectionTable(
  path: string,
  { magic, version, sections }: ContainerFormat,
  limits: ReadonlyMap<number, number>,
): Promise<SectionTable> {
  const malformed = (what: string) => new MalformedFileError(magic, what);
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      if (bytesRead !== length) throw malformed(`it ends at byte ${position + bytesRead}`);
      return bytes;
    };
    const head = await read(0, 12);
    const headView = new DataView(head.buffer);
    const count = headView.getUint32(8, true);
    if (String.fromCharCode(...head.subarray(0, 4)) !== magic || headView.getUint32(4, true) !== version) {
      throw malformed('its head is wrong');
    }
    if (count > sections.length) throw malformed(`it announces ${count} sections`);
    const places = new Map<number, SectionPlace>();
    const kept = new Map<number, Uint8Array>();
    let position = 12;
    for (let i = 0; i < count; i++) {
      const section = new DataView((await read(position, 12)).buffer);
      const id = section.getUint32(0, true);
      const length = Number(section.getBigUint64(4, true));
      position += 12;
      if (!sections.includes(id) || places.has(id)) throw malformed(`section ${id} is unknown or occurs twice`);
      if (length > size - position) {
        throw malformed(`section ${id} claims ${length} bytes, ${size - position} are left`);
      }
      places.set(id, { position, length });
      const most = limits.get(id);
      if (most !== undefined) {
        if (length > most) throw malformed(`section ${id} has ${length} bytes, expected at most ${most}`);
        kept.set(id, await read(position, length));
      }
      position += length;
    }
    if (position !== size) throw malformed(`${size - position} bytes follow the last section`);
    return { places, kept };
  } finally {
    await file.close();
  }
}

/** Opens a file of the user's. */
export async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new UnreadableFileError(path, cause);
  }
}

/** A file that was named does not exist or may not be read. */
export class UnreadableFileError extends VouchError {
  override readonly name = 'Keys.UnreadableFileError';

  constructor(path: string, cause: unknown) {
    super(`${path} cannot be read.`, { metaMessages: [cause instanceof Error ? cause.message : String(cause)], cause });
  }
}
