import { InternalError, VouchError } from '../../errors.ts';
import { checkContributable } from './check-points.ts';
import { type Beacon, type Contribution, continues } from './contribution.ts';
import type { StepKernel } from './lend-kernel.ts';
import type { CeremonyOptions } from './options.ts';
import { writeNewFile } from './output-file.ts';
import { hasCeremonyGamma, type PhaseTwoKey, readPhaseTwoKey } from './phase-two-key.ts';
import { runSnarkjs } from './snarkjs-process.ts';
import type { SnarkjsTask } from './snarkjs-task.ts';

/** What was added to the key, and who did the arithmetic. */
export interface MadeRound {
  readonly contribution: Contribution;
  readonly kernel: StepKernel;
}

export interface RoundFiles {
  readonly input: string;
  readonly output: string;
}

/**
 * Mixes a secret from the operating system's random source into the key. The secret lives in the memory of a child
 * process and ends with it; the result is sound if at least one contributor's secret is gone.
 */
export async function contribute(
  { input, output }: RoundFiles,
  name: string,
  options: CeremonyOptions = {},
): Promise<MadeRound> {
  checkName(name);
  const before = await readOpenKey(input);
  await checkContributable(before, options);
  return runRound(before, output, (to) => ({ kind: 'contribute', from: input, to, name }), options);
}

/** Mixes in public randomness that nobody could know when the last contribution was made. */
export async function applyBeacon(
  { input, output }: RoundFiles,
  beacon: Beacon,
  name = 'beacon',
  options: CeremonyOptions = {},
): Promise<MadeRound> {
  checkName(name);
  checkBeacon(beacon);
  const before = await readOpenKey(input);
  return runRound(before, output, (to) => ({ kind: 'beacon', from: input, to, name, ...beacon }), options);
}

/** Hashing 2^32 times takes hours, and everybody who verifies must repeat it. */
export const MAX_ITERATIONS_LOG2 = 32;
const MIN_ITERATIONS_LOG2 = 10;
const MAX_NAME_LENGTH = 64;

async function runRound(
  before: PhaseTwoKey,
  output: string,
  taskFor: (to: string) => SnarkjsTask,
  options: CeremonyOptions,
): Promise<MadeRound> {
  return writeNewFile(output, async (temporary) => {
    const { accepted, complaints, kernel } = await runSnarkjs(taskFor(temporary), options);
    if (!accepted) throw new InternalError(`snarkjs refused a checked file: ${complaints.join(' ')}`);
    const { contributions } = await readPhaseTwoKey(temporary);
    const added = contributions.at(-1);
    const isOneMore = contributions.length === before.contributions.length + 1;
    if (added === undefined || !isOneMore || !continues(before.contributions, contributions)) {
      throw new InternalError('snarkjs did not append one contribution.');
    }
    return { contribution: added, kernel };
  });
}

async function readOpenKey(path: string): Promise<PhaseTwoKey> {
  const key = await readPhaseTwoKey(path);
  if (!hasCeremonyGamma(key)) throw new DevelopmentKeyError(path);
  return key;
}

function checkName(name: string): void {
  if (name === '' || name.length > MAX_NAME_LENGTH || /\p{C}/u.test(name)) throw new ContributorNameError(name);
}

function checkBeacon({ hash, iterationsLog2 }: Beacon): void {
  if (!/^([0-9a-f]{2}){32,255}$/.test(hash)) {
    throw new BeaconError(`Its hash is ${JSON.stringify(hash)}, expected 32 to 255 bytes in lower-case hex.`);
  }
  const inRange = iterationsLog2 >= MIN_ITERATIONS_LOG2 && iterationsLog2 <= MAX_ITERATIONS_LOG2;
  if (!Number.isInteger(iterationsLog2) || !inRange) {
    throw new BeaconError(
      `Its iterations are 2^${iterationsLog2}, expected 2^${MIN_ITERATIONS_LOG2} to 2^${MAX_ITERATIONS_LOG2}.`,
    );
  }
}

/** The key was made by one party, so contributions cannot mend it. */
export class DevelopmentKeyError extends VouchError {
  override readonly name = 'Keys.DevelopmentKeyError';

  constructor(path: string) {
    super(`${path} is a development key: whoever made it can forge proofs, whatever is added.`, {
      metaMessages: ['Begin with: vouch ceremony start <circuit.r1cs> --ptau <file> -o <round0.zkey>'],
      docsPath: 'docs/ceremony.md',
    });
  }
}

/** The name cannot be written into the key. */
export class ContributorNameError extends VouchError {
  override readonly name = 'Keys.ContributorNameError';

  constructor(name: string) {
    super(`${JSON.stringify(name)} cannot be a contributor's name.`, {
      metaMessages: [`expected 1 to ${MAX_NAME_LENGTH} printable characters`],
    });
  }
}

/** The public randomness cannot be used. */
export class BeaconError extends VouchError {
  override readonly name = 'Keys.BeaconError';

  constructor(what: string) {
    super(`The beacon cannot be applied. ${what}`, { docsPath: 'docs/ceremony.md' });
  }
}
