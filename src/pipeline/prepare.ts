import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernel } from '../kernel/contract.ts';
import { fileChunks } from '../keys/file-chunks.ts';
import { prepareKey } from '../keys/prepare-key.ts';
import { type OpenedModel, openKeys, writePrepared } from '../store/directory.ts';
import { fileNames } from '../store/file-names.ts';
import { withTemporaryFolder } from '../temporary.ts';
import { writeFileAtomically } from '../write-file.ts';
import { type SelfTest, selfTest } from './self-test.ts';

export interface PrepareOptions {
  /** One that prepares keys. */
  readonly kernel: Kernel;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (stage: 'points' | 'self-test' | 'write', fraction: number) => void;
}

/** A prepared key that was written, and how it was tried. */
export interface PreparedModel {
  readonly path: string;
  readonly bytes: number;
  /** The proving key that it was made from. */
  readonly keyBytes: number;
  readonly selfTest: SelfTest;
}

/**
 * Prepares the key of a model's directory: proofs by the native kernel are faster with it, and the same. It is kept only if
 * it proves and verifies a random input.
 */
export async function prepareModel(
  model: OpenedModel,
  { kernel, signal, onProgress }: PrepareOptions,
): Promise<PreparedModel> {
  const { provingKey, file } = await openKeys(model, { ignorePrepared: true });
  const digest = model.manifest.files.get(fileNames.provingKey) ?? '0x';
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, fileNames.preparedKey);
    const chunks = await prepareKey(provingKey, Buffer.from(digest.slice(2), 'hex'), model.circuit.system, {
      kernel,
      signal,
      onProgress: (fraction) => onProgress?.('points', fraction),
    });
    await writeFileAtomically(path, chunks);
    onProgress?.('self-test', 1);
    const passed = await selfTest(model, file, path, { kernel });
    signal?.throwIfAborted();
    onProgress?.('write', 1);
    await writePrepared(model, fileChunks(path));
    const [bytes, keyBytes] = [path, provingKey].map((name) => statSync(name).size);
    return { path: join(model.path, fileNames.preparedKey), bytes, keyBytes, selfTest: passed };
  });
}
