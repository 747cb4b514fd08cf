import { VouchError } from '../errors.ts';
import type { Tasks } from '../pool/task-module.ts';
import { openFile } from '../store/open-file.ts';
import { type EngineModule, loadEngine } from './engine-package.ts';

/** Files that the engine reads; a proof travels as the JSON that it takes. */
export interface EngineVerification {
  readonly proof: string;
  readonly verifyingKey: string;
  readonly settings: string;
  readonly srs: string;
}

export interface EngineProof {
  /** EZKL's input.json. */
  readonly input: string;
  readonly circuit: string;
  readonly provingKey: string;
  readonly srs: string;
}

/** WebAssembly has 4 GiB for everything. */
const MAX_FILE = 2 ** 31;

/** The engine's calls, for a thread of the pool: each takes seconds and cannot be interrupted. */
export function createTasks(folder: string): Tasks {
  let engine: EngineModule | undefined;
  const guarded = <T>(call: (loaded: EngineModule) => T): T => {
    engine ??= loadEngine(folder);
    try {
      return call(engine);
    } catch (error) {
      // A trap leaves its memory in any state.
      if (isTrap(error)) engine = undefined;
      throw error;
    }
  };
  return {
    async verify({ proof, ...files }: EngineVerification): Promise<boolean> {
      const verifyingKey = await readBytes(files.verifyingKey);
      const [settings, srs] = [await readBytes(files.settings), await readBytes(files.srs)];
      try {
        return guarded((loaded) => loaded.verify(bytesOf(proof), verifyingKey, settings, srs));
      } catch (error) {
        if (isRefusal(error)) return false;
        throw new EngineFailedError('verify', error);
      }
    },
    async prove({ input, ...files }: EngineProof): Promise<string> {
      const [circuit, provingKey] = [await readBytes(files.circuit), await readBytes(files.provingKey)];
      const srs = await readBytes(files.srs);
      try {
        return guarded((loaded) => {
          const witness = Uint8ClampedArray.from(loaded.genWitness(circuit, bytesOf(input)));
          return new TextDecoder().decode(loaded.prove(witness, provingKey, circuit, srs));
        });
      } catch (error) {
        throw new EngineFailedError('prove', error);
      }
    },
  };
}

/** It throws for a wrong proof as for a file that it cannot read; only its words tell them apart. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /Verification failed:/.test(error.message);
}

/** The engine ended in the middle of a call; its types are not those of node. */
const isTrap = (error: unknown): boolean => error instanceof Error && error.name === 'RuntimeError';

const bytesOf = (text: string): Uint8ClampedArray => Uint8ClampedArray.from(new TextEncoder().encode(text));

async function readBytes(path: string): Promise<Uint8ClampedArray> {
  const file = await openFile(path, { maxBytes: MAX_FILE }).catch((cause: unknown) => {
    if (cause instanceof VouchError) throw cause;
    throw new VouchError(`"${path}" cannot be read`, { cause });
  });
  try {
    const bytes = await file.readFile();
    return new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    await file.close();
  }
}

/** A file is not what the engine takes, or does not belong to the others. */
export class EngineFailedError extends VouchError {
  override readonly name = 'Backend.EngineFailedError';

  constructor(call: string, cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause);
    super(`EZKL's engine could not ${call}`, {
      metaMessages: [
        isTrap(cause)
          ? `it ended inside (${text}): a file is damaged, or too large for its 4 GiB`
          : text.slice(0, 1000),
      ],
      cause,
    });
  }
}
