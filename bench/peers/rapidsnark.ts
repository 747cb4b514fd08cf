import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { infer, solveWitness } from '../../src/pipeline/prove.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { findRapidsnark } from '../cold-processes.ts';
import { runProcess } from '../process-run.ts';
import { readHeldOut } from './held-out.ts';
import { AbsentError, type MeasurePeer } from './peer.ts';
import { createReport, repeated } from './report.ts';
import { makeModel, PROOF_BYTES } from './vouch.ts';

/** Whole processes of rapidsnark on the key and witness that this library made. */
export const measureRapidsnark: MeasurePeer = async (input, report) => {
  const program = findRapidsnark();
  if (program === undefined) throw new AbsentError('no rapidsnark or prover on the PATH, or in RAPIDSNARK');
  const heldOut = await readHeldOut(input.model, 1);
  const { model, provingKey } = await makeModel(
    input,
    'native',
    createReport(() => {}),
  );
  const [witness, proof, signals] = ['witness.wtns', 'proof.json', 'public.json'].map((name) => join(input.work, name));
  await writeFile(witness, encodeWtns(solveWitness(model, infer(model, heldOut.samples[0]))));
  report.facts({ prover: 'rapidsnark (process)', note: 'circuit, key and witness by vouch; the process is counted' });
  const proving = await report.stage('prove', () =>
    repeated(async () => (await runProcess(program, [provingKey, witness, proof, signals])).wallMs),
  );
  report.facts({ proveMs: proving.medianMs, proveRuns: proving.runs, proofBytes: PROOF_BYTES });
};
