import { extname } from 'node:path';
import { createQueue } from '../pool/queue.ts';
import { createThreads } from '../pool/threads.ts';
import { asObject, asString, fieldOf, parseJson } from '../verify/json.ts';
import type { VerifyRequest } from './contract.ts';
import { ENGINE_VERSION, findEngine, verifiableVersions } from './engine-package.ts';
import type { EngineProof, EngineVerification } from './engine-tasks.ts';
import { checkedFile, ezklFiles, openEzklFolder } from './ezkl/model-folder.ts';
import { type EzklProof, fromEzklJson, toEzklJson } from './ezkl/proof-file.ts';
import { readEzklJson } from './ezkl/settings.ts';
import { type EzklVerdict, examine, readProofFile, refused } from './ezkl/verify.ts';
import { EzklVersionError } from './ezkl/version.ts';

export interface EngineOptions {
  /** Threads; each holds an engine of its own. One when absent. */
  readonly workers?: number;
  /** Longest that a call may take; ten minutes when absent. */
  readonly timeoutMs?: number;
  /** The folder of the package `@ezkljs/engine`; the one that is installed when absent. */
  readonly folder?: string;
}

/** What EZKL made of a model, by its files. */
export interface EngineFiles {
  readonly settings: string;
  readonly verifyingKey: string;
  readonly srs: string;
}

export interface EngineStatement extends EzklProof {
  /** The version of EZKL that made the proof. */
  readonly version: string;
}

/** EZKL's engine for JavaScript, in threads of the pool. Nothing here blocks the calling thread. */
export interface EzklEngine {
  readonly version: string;
  /** False for a wrong proof; rejects where a file is malformed or of a version that the engine does not read. */
  verify(model: EngineFiles, statement: EngineStatement, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** Only with files that EZKL of the engine's own version made. */
  prove(request: EngineProveRequest, options?: { readonly signal?: AbortSignal }): Promise<EngineStatement>;
  close(): Promise<void>;
}

export interface EngineProveRequest extends EngineProof {
  readonly settings: string;
}

/**
 * Opens the package that the user has installed.
 *
 *     const engine = await openEngine();
 *     const { valid } = await verifyWithEngine(engine, { directory: 'model.vouch', proof: 'proof.json' });
 *     await engine.close();
 */
export async function openEngine({
  workers = 1,
  timeoutMs = 600_000,
  folder,
}: EngineOptions = {}): Promise<EzklEngine> {
  const setup = findEngine(folder);
  const module = new URL(`./engine-tasks${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href;
  const threads = createThreads({ module, setup, slots: workers, memoryMb: 1024 });
  const queue = createQueue(threads, { maxQueued: 2 * workers, timeoutMs });
  const ask = async (task: string, input: unknown, signal: AbortSignal | undefined): Promise<unknown> => {
    const { result } = await queue.submit({ task, input }, { signal });
    return await result;
  };
  const accepts = async (model: EngineFiles, statement: EzklProof, signal: AbortSignal | undefined) => {
    const { verifyingKey, settings, srs } = model;
    const input: EngineVerification = { proof: engineProof(statement), verifyingKey, settings, srs };
    return (await ask('verify', input, signal)) === true;
  };
  return {
    version: ENGINE_VERSION,
    async verify(model, statement, { signal } = {}) {
      const made = await settingsVersion(model.settings);
      requireVersion('the settings file', made, verifiableVersions);
      requireVersion('the proof', statement.version, [made]);
      if (statement.proof.length % WORD !== 0 || !(await accepts(model, statement, signal))) return false;
      // It reads no further than it must, and whoever adds words has another proof of the same: not one of these counts.
      const proof = statement.proof.slice(0, -WORD);
      return !(await accepts(model, { instances: statement.instances, proof }, signal));
    },
    async prove({ settings, ...input }, { signal } = {}) {
      requireVersion('the settings file', await settingsVersion(settings), [ENGINE_VERSION]);
      const text = String(await ask('prove', input, signal));
      return { ...fromEzklJson(parseJson(text, "EZKL's proof", MAX_PROOF_JSON)), version: ENGINE_VERSION };
    },
    close: () => queue.close(),
  };
}

/** Whether a proof file is of this model and holds, without native code. All files are those that setup wrote. */
export async function verifyWithEngine(engine: EzklEngine, request: VerifyRequest): Promise<EzklVerdict> {
  const file = await readProofFile(request.proof);
  const folder = await openEzklFolder(request.directory);
  const verdict = examine(folder, file);
  if (verdict.reasons.length > 0) return verdict;
  const model = {
    settings: await checkedFile(folder, ezklFiles.settings),
    verifyingKey: await checkedFile(folder, ezklFiles.verifyingKey),
    srs: await checkedFile(folder, ezklFiles.srs),
  };
  const { signal } = request;
  if (await engine.verify(model, file, signal === undefined ? {} : { signal })) return verdict;
  return refused(verdict, [`EZKL's engine ${engine.version} does not accept it`]);
}

const WORD = 32;
const MAX_PROOF_JSON = 1 << 26;

/** Proofs of 21 name their transcript, those of 23 have one kind only. */
function engineProof(statement: EzklProof): string {
  return JSON.stringify({ ...JSON.parse(toEzklJson(statement)), transcript_type: 'EVM' });
}

async function settingsVersion(path: string): Promise<string> {
  const settings = asObject(await readEzklJson(path), 'settings.json');
  return asString(fieldOf(settings, 'version', 'settings.json'), 'version', { max: 64 });
}

function requireVersion(what: string, got: string, expected: readonly string[]): void {
  if (expected.includes(got)) return;
  throw new EzklVersionError(what, got, `The engine is version ${ENGINE_VERSION}.`, expected.join(' or '));
}
