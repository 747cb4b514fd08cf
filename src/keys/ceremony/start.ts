import { InternalError, VouchError } from '../../errors.ts';
import { decodeR1cs } from '../../r1cs/file.ts';
import { domainBits } from '../../r1cs/stats.ts';
import type { System } from '../../r1cs/system.ts';
import { openForReading } from '../section-table.ts';
import { writeNewFile } from './output-file.ts';
import { type PhaseTwoKey, readPhaseTwoKey } from './phase-two-key.ts';
import { admitPtau, type PtauOptions, type TrustedPtau } from './ptau.ts';
import { runSnarkjs } from './snarkjs-process.ts';

export interface StartedCeremony {
  readonly key: PhaseTwoKey;
  readonly ptau: TrustedPtau;
  readonly rows: number;
}

/**
 * Makes the initial key of a circuit from a Powers of Tau file. It holds no secret and is worthless before
 * contributions: everybody who has the two files gets the same bytes.
 */
export async function startCeremony(
  files: { readonly r1cs: string; readonly ptau: string; readonly output: string },
  options: PtauOptions = {},
): Promise<StartedCeremony> {
  const system = await readCircuit(files.r1cs);
  const ptau = await admitPtau(files.ptau, options);
  checkFits(system, ptau);
  const key = await writeNewFile(files.output, async (zkey) => {
    const task = { kind: 'start', r1cs: files.r1cs, ptau: files.ptau, zkey } as const;
    const { accepted, complaints } = await runSnarkjs(task, options);
    if (!accepted) throw new InternalError(`snarkjs refused checked files: ${complaints.join(' ')}`);
    return { ...(await readPhaseTwoKey(zkey)), path: files.output };
  });
  return { key, ptau, rows: system.rows };
}

/** Reads a `.r1cs` whole, so that everything in it has been checked before snarkjs takes it. */
export async function readCircuit(path: string): Promise<System> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_R1CS_BYTES) throw new LargeCircuitError(path, size);
    return decodeR1cs(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Throws unless the circuit's domain is within the file's. */
export function checkFits(system: System, { power, path }: TrustedPtau): void {
  const needed = domainBits(system);
  if (needed > power) throw new SmallPtauError(path, power, needed);
}

const MAX_R1CS_BYTES = 2 ** 31 - 1;

/** The file cannot be read in one piece. */
export class LargeCircuitError extends VouchError {
  override readonly name = 'Keys.LargeCircuitError';

  constructor(path: string, bytes: number) {
    super(`${path} has ${bytes} bytes, at most ${MAX_R1CS_BYTES} can be handled.`);
  }
}

/** The circuit has more rows than the Powers of Tau serve. */
export class SmallPtauError extends VouchError {
  override readonly name = 'Keys.SmallPtauError';

  constructor(path: string, power: number, needed: number) {
    super(`${path} serves 2^${power} rows; the circuit needs 2^${needed}.`, {
      metaMessages: [`Take a file of power ${needed} or more.`],
      docsPath: 'docs/ceremony.md',
    });
  }
}
