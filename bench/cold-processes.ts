import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, isProgram } from '../src/backend/ezkl/places.ts';
import { type ProcessRun, runProcess } from './process-run.ts';

/** Whole processes that read a key and a witness and write a proof: ours, and rapidsnark's where there is one. */
export interface ColdProcesses {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly rapidsnark:
    | { readonly absent: string }
    | {
        readonly path: string;
        /** SHA-256 of the program. */
        readonly digest: string;
        readonly wallMs: number;
        readonly cpuMs: number;
        readonly peakBytes: number;
        /** Medians over pairs of runs in turn of rapidsnark's time by ours. */
        readonly wallRatio: number;
        readonly cpuRatio: number;
      };
}

/** Compiles the package, which is what `npm install` would bring. */
export function buildPackage(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { cwd: root });
}

/** Runs both in turn on `key.zkey` and `witness.wtns` of a folder, `runs` times each after one that is not counted. */
export async function measureColdProcesses(folder: string, runs: number): Promise<ColdProcesses> {
  const files = ['key.zkey', 'witness.wtns', 'proof.json', 'public.json'].map((name) => join(folder, name));
  const script = fileURLToPath(new URL('cold-proof.mjs', import.meta.url));
  const program = findRapidsnark();
  const pairs: { readonly ours: ProcessRun; readonly theirs: ProcessRun | undefined }[] = [];
  for (let i = 0; i <= runs; i++) {
    const ours = await runProcess(process.execPath, [script, ...files]);
    const theirs = program === undefined ? undefined : await runProcess(program, files);
    if (i > 0) pairs.push({ ours, theirs });
  }
  const summary = summarise(pairs.map(({ ours }) => ours));
  if (program === undefined) {
    return { ...summary, rapidsnark: { absent: 'no rapidsnark or prover on the PATH, or in RAPIDSNARK' } };
  }
  const ratio = (key: 'wallMs' | 'cpuMs') =>
    median(pairs.map(({ ours, theirs }) => (theirs?.[key] ?? Number.NaN) / ours[key]));
  return {
    ...summary,
    rapidsnark: {
      path: program,
      digest: createHash('sha256').update(readFileSync(program)).digest('hex'),
      ...summarise(pairs.flatMap(({ theirs }) => theirs ?? [])),
      wallRatio: ratio('wallMs'),
      cpuRatio: ratio('cpuMs'),
    },
  };
}

function summarise(runs: readonly ProcessRun[]): Omit<ProcessRun, 'output'> {
  return {
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
  };
}

/** The program: the variable RAPIDSNARK, or the names under which it is installed. */
export function findRapidsnark(): string | undefined {
  const { RAPIDSNARK } = process.env;
  if (RAPIDSNARK !== undefined && isProgram(RAPIDSNARK)) return RAPIDSNARK;
  return findProgram('rapidsnark') ?? findProgram('prover');
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1];
}
