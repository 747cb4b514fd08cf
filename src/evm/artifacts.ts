import { readFileSync } from 'node:fs';
import type { InterfaceAbi } from 'ethers';
import { InternalError } from '../errors.ts';

/** A compiled contract as `contracts/build.mjs` writes it. */
export interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
  /** The runtime. */
  readonly deployedBytecode: string;
}

/** Reads a committed artifact; sources and package have it at the same place relative to this folder. */
export function loadArtifact(name: string): Artifact {
  const url = new URL(`../../contracts/artifacts/${name}.json`, import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(url, 'utf8'));
  if (!isArtifact(parsed)) throw new InternalError(`The artifact of ${name} is damaged.`);
  return parsed;
}

function isArtifact(value: unknown): value is Artifact {
  return (
    typeof value === 'object' &&
    value !== null &&
    'abi' in value &&
    Array.isArray(value.abi) &&
    'bytecode' in value &&
    typeof value.bytecode === 'string' &&
    'deployedBytecode' in value &&
    typeof value.deployedBytecode === 'string'
  );
}
