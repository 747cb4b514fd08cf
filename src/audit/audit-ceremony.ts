import { join } from 'node:path';
import { VouchError } from '../errors.ts';
import type { PtauOptions } from '../keys/ceremony/ptau.ts';
import { decodeTranscript, matchTranscript } from '../keys/ceremony/transcript.ts';
import { verifyCeremony } from '../keys/ceremony/verify.ts';
import type { Model } from '../model/model.ts';
import { writeR1cs } from '../r1cs/file.ts';
import { withTemporaryFolder } from '../temporary.ts';
import { parseJson } from '../verify/json.ts';
import type { StoredKeys } from './audit-keys.ts';
import { type AuditCheck, fails, holds, unchecked } from './check.ts';

/** Whether the proving key follows from the circuit and Powers of Tau, and the transcript tells of that ceremony. */
export function auditCeremony(
  { provingKey, transcript }: StoredKeys,
  model: Model,
  ptau: string,
  options: PtauOptions,
): Promise<AuditCheck[]> {
  return withTemporaryFolder(async (folder) => {
    const r1cs = join(folder, 'circuit.r1cs');
    await writeR1cs(r1cs, model.circuit.system);
    const verdict = await verifyCeremony({ key: provingKey, r1cs, ptau }, options);
    if (!verdict.accepted) return [fails('ceremony', verdict.reasons.join('; '))];
    const { contributions, powersOfTau } = verdict.transcript;
    const names = contributions.map(({ name, kind }) => `${name}${kind === 'beacon' ? ' (beacon)' : ''}`).join(', ');
    const origin = powersOfTau.origin ?? `a file nobody published, BLAKE2b ${powersOfTau.blake2b.slice(0, 16)}…`;
    const by = `points added up by ${verdict.kernel.name}`;
    const checked = holds('ceremony', `the key follows from ${origin} through ${names} (${by})`);
    if (transcript === undefined) return [checked, unchecked('transcript', 'the directory holds none')];
    const published = decodeTranscript(parseJson(transcript, 'transcript', MAX_TRANSCRIPT));
    const differences = matchTranscript(published, verdict.transcript);
    if (differences.length > 0) return [checked, fails('transcript', differences.join('; '))];
    return [checked, holds('transcript', 'it tells of this ceremony')];
  });
}

const MAX_TRANSCRIPT = 1 << 24;

/** A key of a ceremony is nothing without the Powers of Tau that it started from. */
export class NoPtauError extends VouchError {
  override readonly name = 'Audit.NoPtauError';

  constructor() {
    super('the keys claim to come from a ceremony; that is checked against its Powers of Tau', {
      metaMessages: ['Pass the file that the transcript names: --ptau <file>.'],
      docsPath: 'docs/ceremony.md',
    });
  }
}
