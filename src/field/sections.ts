import { VouchError } from '../errors.ts';

/** What a container may look like. */
export interface ContainerFormat {
  /** Four ASCII characters. */
  readonly magic: string;
  readonly version: number;
  /** The section ids that may occur, each at most once. */
  readonly sections: readonly number[];
}

/** The container's head: magic, version, number of sections. */
export function encodeContainerHead({ magic, version }: ContainerFormat, sections: number): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  for (let i = 0; i < 4; i++) head[i] = magic.charCodeAt(i);
  view.setUint32(4, version, true);
  view.setUint32(8, sections, true);
  return head;
}

/** A section's head: id and length of what follows. */
export function encodeSectionHead(id: number, length: number): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint32(0, id, true);
  view.setBigUint64(4, BigInt(length), true);
  return head;
}

/** Views of all sections by id. Throws unless lengths add up and every id occurs once. */
export function decodeContainer(bytes: Uint8Array, format: ContainerFormat): ReadonlyMap<number, Uint8Array> {
  const malformed = (what: string) => new MalformedFileError(format.magic, what);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) throw malformed(`it has only ${bytes.length} bytes`);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== format.magic) throw malformed(`it starts with ${JSON.stringify(magic)}`);
  const version = view.getUint32(4, true);
  if (version !== format.version) throw malformed(`its version is ${version}, expected ${format.version}`);
  const count = view.getUint32(8, true);
  const { length: most } = format.sections;
  if (count > most) throw malformed(`it announces ${count} sections, expected at most ${most}`);
  const sections = new Map<number, Uint8Array>();
  let offset = 12;
  for (let i = 0; i < count; i++) {
    if (offset + 12 > bytes.length) throw malformed(`section ${i + 1} of ${count} is missing`);
    const id = view.getUint32(offset, true);
    const length = Number(view.getBigUint64(offset + 4, true));
    offset += 12;
    if (length > bytes.length - offset)
      throw malformed(`section ${id} claims ${length} bytes, ${bytes.length - offset} are left`);
    if (!format.sections.includes(id)) throw malformed(`section ${id} is unknown`);
    if (sections.has(id)) throw malformed(`section ${id} occurs twice`);
    sections.set(id, bytes.subarray(offset, offset + length));
    offset += length;
  }
  if (offset !== bytes.length) throw malformed(`${bytes.length - offset} bytes follow the last section`);
  return sections;
}

/** A binary file that is not what its name says. */
export class MalformedFileError extends VouchError {
  override readonly name = 'Field.MalformedFileError';

  constructor(kind: string, what: string) {
    super(`This is not a valid .${kind} file: ${what}.`, {
      metaMessages: ['Check that the download is complete, or make the file again.'],
    });
  }
}
