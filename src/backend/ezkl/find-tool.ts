import { totalmem } from 'node:os';
import { VouchError } from '../../errors.ts';
import { binaryVersion, openBinary } from './binary.ts';
import { startBridge } from './bridge.ts';
import { environmentFolder, findProgram, isProgram, pythonOf } from './places.ts';
import type { CallLimits } from './supervise.ts';
import type { EzklTool } from './tool.ts';
import { EZKL_VERSION } from './version.ts';

/** Share of the machine's memory that EZKL may take unless said otherwise. */
const MEMORY_SHARE = 0.75;
const HOUR_MS = 3_600_000;

/** Memory, time and silence that a call of EZKL may take. */
export function callLimits({ memoryMb, timeoutMs, stallMs }: Partial<CallLimits> = {}): CallLimits {
  return {
    memoryMb: memoryMb ?? Math.floor(MEMORY_SHARE * machineMb()),
    timeoutMs: timeoutMs ?? 12 * HOUR_MS,
    verifyMs: timeoutMs ?? HOUR_MS / 6,
    stallMs: stallMs ?? HOUR_MS / 6,
  };
}

/** What this process and its children may have together, where a container gives them less than the machine has. */
function machineMb(): number {
  const constrained = process.constrainedMemory();
  const bytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return bytes / 2 ** 20;
}

/** The program `ezkl` of the pinned version if it is on the PATH, else the wheel that `vouch backend install` fetched. */
export async function findTool(limits: CallLimits = callLimits()): Promise<EzklTool> {
  const binary = findProgram('ezkl');
  const unusable = binary === undefined ? undefined : await whyUnusable(binary);
  if (binary !== undefined && unusable === undefined) return openBinary(binary, limits);
  const python = pythonOf(environmentFolder());
  if (isProgram(python)) return startBridge(python, limits);
  throw new NoEzklError(unusable);
}

/** A program that does not tell its version is passed over as one of another version is. */
async function whyUnusable(binary: string): Promise<string | undefined> {
  try {
    const version = await binaryVersion(binary);
    return version === EZKL_VERSION ? undefined : `"${binary}" is version ${version}, not ${EZKL_VERSION}.`;
  } catch (error) {
    if (error instanceof VouchError) return `"${binary}" cannot be used: ${error.shortMessage}`;
    throw error;
  }
}

/** This machine has no EZKL that can be used. */
export class NoEzklError extends VouchError {
  override readonly name = 'Backend.NoEzklError';

  constructor(other: string | undefined) {
    super(`EZKL ${EZKL_VERSION} is not installed; get it with: vouch backend install ezkl`, {
      metaMessages: other === undefined ? [] : [other],
    });
  }
}
