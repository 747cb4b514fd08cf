import { publicCount, type System } from '../../r1cs/system.ts';
import { verifyingKeyDigest } from '../../verify/evm-words.ts';
import type { TrustLevel, VerifyingKey } from '../../verify/types.ts';
import { findOffCurve } from './check-points.ts';
import { MAX_ITERATIONS_LOG2 } from './contribute.ts';
import { continues } from './contribution.ts';
import { sha256OfFile } from './digest.ts';
import type { StepKernel } from './lend-kernel.ts';
import { type PhaseTwoKey, readPhaseTwoKey } from './phase-two-key.ts';
import { admitPtau, type PtauOptions } from './ptau.ts';
import { runSnarkjs } from './snarkjs-process.ts';
import { checkFits, readCircuit } from './start.ts';
import { type CeremonyTranscript, describeContribution, type TranscriptRound } from './transcript.ts';

export interface CeremonyFiles {
  /** The last `.zkey`. */
  readonly key: string;
  readonly r1cs: string;
  readonly ptau: string;
  /** Earlier `.zkey` files whose digests belong into the transcript. */
  readonly rounds?: readonly string[];
}

/** Whether a key is the outcome of a ceremony for this circuit. Only this earns the trust level `ceremony`. */
export type CeremonyVerdict =
  | {
      readonly accepted: true;
      readonly trust: Extract<TrustLevel, 'ceremony'>;
      readonly verifyingKey: VerifyingKey;
      readonly transcript: CeremonyTranscript;
      /** Who added up the long sections. */
      readonly kernel: StepKernel;
    }
  | { readonly accepted: false; readonly reasons: readonly string[] };

/**
 * Checks that the key follows from circuit and Powers of Tau through the contributions it lists, and that one of
 * them at least was a secret. Throws where a file is malformed or the Powers of Tau cannot be relied on.
 */
export async function verifyCeremony(files: CeremonyFiles, options: PtauOptions = {}): Promise<CeremonyVerdict> {
  const system = await readCircuit(files.r1cs);
  const key = await readPhaseTwoKey(files.key);
  const rounds = await readRounds(files.rounds ?? [], key, options);
  const reasons = [...findObjections(system, key), ...rounds.reasons];
  const offCurve = await findOffCurve(key, options);
  if (offCurve !== undefined) {
    reasons.push(`point ${offCurve.index} of section ${offCurve.section} does not lie on the curve`);
  }
  if (reasons.length > 0) return { accepted: false, reasons };
  const ptau = await admitPtau(files.ptau, options);
  checkFits(system, ptau);
  const task = { kind: 'verify', r1cs: files.r1cs, ptau: files.ptau, zkey: files.key } as const;
  const { accepted, complaints, kernel } = await runSnarkjs(task, options);
  if (!accepted) return { accepted: false, reasons: ['the key does not follow from its inputs', ...complaints] };
  const { verifyingKey, circuitHash, contributions, wires, publicSignals, domain } = key;
  return {
    accepted: true,
    trust: 'ceremony',
    verifyingKey,
    kernel,
    transcript: {
      circuit: {
        sha256: await sha256OfFile(files.r1cs, options.signal),
        circuitHash,
        rows: system.rows,
        wires,
        publicSignals,
        domain,
      },
      powersOfTau: { blake2b: ptau.blake2b, power: ptau.power, origin: ptau.origin?.file ?? null },
      rounds: rounds.rounds,
      contributions: contributions.map(describeContribution),
      key: { sha256: await sha256OfFile(files.key, options.signal), vkDigest: verifyingKeyDigest(verifyingKey) },
    },
  };
}

/** What can be said against a key without any arithmetic. */
function findObjections(system: System, { wires, publicSignals, contributions }: PhaseTwoKey): string[] {
  const reasons: string[] = [];
  if (wires !== system.wires || publicSignals !== publicCount(system)) {
    reasons.push(
      `the key is for ${wires} wires and ${publicSignals} public signals, the circuit has ${system.wires} and ${publicCount(system)}`,
    );
  }
  // snarkjs accepts both: without a secret, anybody can compute delta and forge proofs.
  if (contributions.length === 0) reasons.push('there is no contribution: anybody could forge proofs');
  else if (contributions.every(({ beacon }) => beacon !== undefined)) {
    reasons.push('there are only beacons, which are public: anybody could forge proofs');
  }
  for (const { index, beacon } of contributions) {
    if (beacon !== undefined && beacon.iterationsLog2 > MAX_ITERATIONS_LOG2) {
      reasons.push(
        `beacon ${index} takes 2^${beacon.iterationsLog2} hashes to check, at most 2^${MAX_ITERATIONS_LOG2}`,
      );
    }
  }
  return reasons;
}

async function readRounds(
  paths: readonly string[],
  key: PhaseTwoKey,
  { signal }: PtauOptions,
): Promise<{ rounds: TranscriptRound[]; reasons: string[] }> {
  const rounds: TranscriptRound[] = [];
  const reasons: string[] = [];
  for (const path of paths) {
    const round = await readPhaseTwoKey(path);
    if (round.circuitHash !== key.circuitHash || !continues(round.contributions, key.contributions)) {
      reasons.push(`${path} is no earlier round of this key`);
    }
    rounds.push({ contributions: round.contributions.length, sha256: await sha256OfFile(path, signal) });
  }
  rounds.sort((first, second) => first.contributions - second.contributions);
  return { rounds, reasons };
}
