import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import { asObject, asString, fieldOf, parseJson } from '../verify/json.ts';
import { EzklVersionError } from './ezkl/version.ts';

const PACKAGE = '@ezkljs/engine';
export const ENGINE_VERSION = '21.0.0';

/** Versions of EZKL whose proofs this engine was seen to accept, and to refuse once they are changed. */
export const verifiableVersions: readonly string[] = [ENGINE_VERSION, '23.0.5'];

/** What the engine computes, in one thread and on bytes. It throws for a proof that is wrong, too. */
export interface EngineModule {
  genWitness(circuit: Uint8ClampedArray, input: Uint8ClampedArray): Uint8Array;
  prove(
    witness: Uint8ClampedArray,
    provingKey: Uint8ClampedArray,
    circuit: Uint8ClampedArray,
    srs: Uint8ClampedArray,
  ): Uint8Array;
  verify(
    proof: Uint8ClampedArray,
    verifyingKey: Uint8ClampedArray,
    settings: Uint8ClampedArray,
    srs: Uint8ClampedArray,
  ): boolean;
}

/** The folder of the package that the user has installed, of the one version that is known here. */
export function findEngine(folder?: string): string {
  const found = folder ?? installedFolder();
  let text: string;
  try {
    text = readFileSync(join(found, 'package.json'), 'utf8');
  } catch (cause) {
    throw new EngineMissingError(cause);
  }
  const description = asObject(parseJson(text, 'package.json', 1 << 16), 'package.json');
  const version = asString(fieldOf(description, 'version', 'package.json'), 'version', { max: 64 }).replace(/^v/, '');
  if (version !== ENGINE_VERSION) {
    throw new EzklVersionError(PACKAGE, version, `Run: npm install ${PACKAGE}@${ENGINE_VERSION}`, ENGINE_VERSION);
  }
  return found;
}

function installedFolder(): string {
  try {
    return join(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`), '..');
  } catch (cause) {
    throw new EngineMissingError(cause);
  }
}

/** Loads the package anew: an instance in which it has failed is not used again. */
export function loadEngine(folder: string): EngineModule {
  const require = createRequire(join(folder, 'package.json'));
  for (const name of Object.keys(require.cache)) if (name.startsWith(folder)) delete require.cache[name];
  const loaded: unknown = require(folder);
  if (!isEngine(loaded)) throw new EngineMissingError(undefined);
  return loaded;
}

function isEngine(loaded: unknown): loaded is EngineModule {
  if (typeof loaded !== 'object' || loaded === null) return false;
  const calls = new Map<string, unknown>(Object.entries(loaded));
  return ['genWitness', 'prove', 'verify'].every((name) => typeof calls.get(name) === 'function');
}

/** The user has not installed the package. */
export class EngineMissingError extends VouchError {
  override readonly name = 'Backend.EngineMissingError';

  constructor(cause: unknown) {
    super(`${PACKAGE} is not installed; get it with: npm install ${PACKAGE}@${ENGINE_VERSION}`, {
      metaMessages: ['It states no licence, so vouch neither contains nor installs it.'],
      cause,
    });
  }
}
