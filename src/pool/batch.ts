import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleDigest } from '../inspect/sample-digest.ts';
import type { Sample } from '../quant/sample.ts';
import { toHex32 } from '../verify/check-proof.ts';
import type { Hex32 } from '../verify/json.ts';
import { encodeOpeningFile } from '../verify/opening.ts';
import { encodeProofFile } from '../verify/proof-file.ts';
import { makeFolder, writeFileAtomically } from '../write-file.ts';
import { inOrder } from './in-order.ts';
import { type JournalEntry, readJournal, startJournal } from './journal.ts';
import { NoProvingKeyError, type Pool } from './pool.ts';

export interface BatchOptions {
  /** All proofs hold for this number and no other. */
  readonly binding?: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BatchProgress) => void;
}

export interface BatchProgress {
  readonly total: number;
  /** Found finished, and finished since. */
  readonly kept: number;
  readonly proved: number;
  readonly failed: number;
}

export interface BatchResult extends BatchProgress {
  /** What made the new proofs. */
  readonly kernels: readonly string[];
  readonly failures: readonly { readonly index: number; readonly error: unknown }[];
}

/**
 * Proves every sample into a folder: `proof-000000.json` and so on, with the openings of what is hashed beside them. A
 * proof found there is kept if it is, byte for byte, the one made there of this model, sample and binding; so a batch
 * that was interrupted continues where it stopped, and a finished one does nothing.
 *
 *     const { proved, kept, failures } = await proveBatch(pool, samples, 'proofs');
 */
export async function proveBatch(
  pool: Pool,
  samples: readonly Sample[],
  folder: string,
  { binding = 0n, signal, onProgress = () => {} }: BatchOptions = {},
): Promise<BatchResult> {
  const { modelId } = pool;
  if (modelId === undefined) throw new NoProvingKeyError();
  await makeFolder(folder);
  const wanted = { binding: toHex32(binding) };
  const kept = await keepFinished(folder, samples, await readJournal(folder, modelId), wanted.binding);
  const journal = await startJournal(folder, modelId, kept.values());
  const failures: { index: number; error: unknown }[] = [];
  const kernels = new Set<string>();
  let proved = 0;
  const tell = () => onProgress({ total: samples.length, kept: kept.size, proved, failed: failures.length });

  async function finish(index: number, stop: AbortSignal): Promise<void> {
    const sample = samples[index];
    const { proof, openings } = await pool.prove({ sample, binding }, { signal: stop });
    kernels.add(proof.kernel);
    const opening =
      openings.length === 0
        ? null
        : await write(
            openingPath(folder, index),
            encodeOpeningFile({ modelId: proof.modelId, tensors: openings }),
            0o600,
          );
    const written = await write(proofPath(folder, index), encodeProofFile(proof));
    await journal.add({ index, sample: sampleDigest([sample]), ...wanted, proof: written, opening });
  }

  try {
    tell();
    const missing = [...samples.keys()].filter((index) => !kept.has(index));
    // One more than can be proved at a time, so that its witness is solved meanwhile.
    const window = pool.stats().proving.workers + 1;
    for await (const item of inOrder(missing, finish, { window, signal })) {
      if (item.ok) proved++;
      else failures.push({ index: missing[item.index], error: item.error });
      tell();
    }
  } finally {
    await journal.close();
  }
  return { total: samples.length, kept: kept.size, proved, failed: failures.length, failures, kernels: [...kernels] };
}

/** Where the proof of a sample lies. */
export const proofPath = (folder: string, index: number): string => join(folder, `proof-${numbered(index)}.json`);

const openingPath = (folder: string, index: number): string => join(folder, `proof-${numbered(index)}.opening.json`);

const numbered = (index: number): string => String(index).padStart(6, '0');

async function keepFinished(
  folder: string,
  samples: readonly Sample[],
  entries: ReadonlyMap<number, JournalEntry>,
  binding: Hex32,
): Promise<Map<number, JournalEntry>> {
  const kept = new Map<number, JournalEntry>();
  for (const [index, sample] of samples.entries()) {
    const entry = entries.get(index);
    if (entry === undefined || entry.binding !== binding || entry.sample !== sampleDigest([sample])) continue;
    const isThere =
      (await digestOf(proofPath(folder, index))) === entry.proof &&
      (entry.opening === null || (await digestOf(openingPath(folder, index))) === entry.opening);
    if (isThere) kept.set(index, entry);
  }
  return kept;
}

async function write(path: string, text: string, mode = 0o644): Promise<Hex32> {
  const bytes = new TextEncoder().encode(text);
  await writeFileAtomically(path, [bytes], { mode });
  return sha256(bytes);
}

/** Nothing where the file is not there: the proof is then made again. */
async function digestOf(path: string): Promise<Hex32 | undefined> {
  try {
    return sha256(await readFile(path));
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): Hex32 {
  return `0x${createHash('sha256').update(bytes).digest('hex')}`;
}
