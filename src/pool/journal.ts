import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import { asHex32, asNumber, asObject, asOneOf, fieldOf, type Hex32, parseJson } from '../verify/json.ts';
import { writeFileAtomically } from '../write-file.ts';

/** A finished proof of a batch. */
export interface JournalEntry {
  readonly index: number;
  /** `sampleDigest` of what was proved, and what the proof is bound to. */
  readonly sample: Hex32;
  readonly binding: Hex32;
  /** Digest of the proof file. */
  readonly proof: Hex32;
  /** Digest of the opening file, null where nothing is hashed. */
  readonly opening: Hex32 | null;
}

/** The list of a batch's finished proofs, one line each, added once the proof's file is complete. */
export interface Journal {
  add(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

/** It holds digests of inputs, from which guessable ones can be found out: only its owner may read it. */
const MODE = 0o600;
const FORMAT = 'vouch-batch-1';
export const JOURNAL_NAME = 'batch.jsonl';
const MAX_LINE = 1 << 16;

/** The entries of a folder's journal by index, later ones first; none where there is no journal. */
export async function readJournal(folder: string, modelId: Hex32): Promise<Map<number, JournalEntry>> {
  const entries = new Map<number, JournalEntry>();
  const path = join(folder, JOURNAL_NAME);
  const [header, ...lines] = (await readIfThere(path)).split('\n');
  if (header === '') return entries;
  const made = decodeHeader(path, header);
  if (made !== modelId) throw new OtherBatchError(folder, modelId, made);
  // What follows the last line feed was being written when its process ended.
  for (const line of lines.slice(0, -1)) {
    const entry = decodeEntry(line);
    entries.set(entry.index, entry);
  }
  return entries;
}

/** Starts a journal with the entries that still count, and keeps it open. */
export async function startJournal(folder: string, modelId: Hex32, kept: Iterable<JournalEntry>): Promise<Journal> {
  const path = join(folder, JOURNAL_NAME);
  const lines = [{ format: FORMAT, modelId }, ...kept].map((line) => `${JSON.stringify(line)}\n`);
  await writeFileAtomically(path, [new TextEncoder().encode(lines.join(''))], { mode: MODE });
  const file = await open(path, 'a', MODE);
  return {
    add: (entry) => file.appendFile(`${JSON.stringify(entry)}\n`),
    close: () => file.close(),
  };
}

function decodeHeader(path: string, line: string): Hex32 {
  const header = asObject(parseJson(line, path, MAX_LINE), path, ['format', 'modelId']);
  asOneOf(fieldOf(header, 'format', path), 'format', [FORMAT]);
  return asHex32(fieldOf(header, 'modelId', path), 'modelId');
}

function decodeEntry(line: string): JournalEntry {
  const what = 'batch entry';
  const entry = asObject(parseJson(line, what, MAX_LINE), what, ['index', 'sample', 'binding', 'proof', 'opening']);
  const digest = (key: string) => asHex32(fieldOf(entry, key, what), key);
  return {
    index: asNumber(fieldOf(entry, 'index', what), 'index'),
    sample: digest('sample'),
    binding: digest('binding'),
    proof: digest('proof'),
    opening: fieldOf(entry, 'opening', what) === null ? null : digest('opening'),
  };
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (Object(cause).code === 'ENOENT') return '';
    throw new VouchError(`"${path}" cannot be read`, { cause });
  }
}

/** The folder holds proofs of another model. */
export class OtherBatchError extends VouchError {
  override readonly name = 'Pool.OtherBatchError';

  constructor(folder: string, expected: Hex32, got: Hex32) {
    super(`"${folder}" holds a batch of another model`, {
      metaMessages: [`expected model ${expected}`, `got model ${got}`, 'Name another folder.'],
    });
  }
}
