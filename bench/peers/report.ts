import type { PeerFacts } from './result.ts';

/** What a row's process tells as it goes, one line of JSON each, so that a process that is killed has told the most. */
export type ReportLine =
  | { readonly kind: 'stage'; readonly stage: string }
  | { readonly kind: 'facts'; readonly facts: PeerFacts }
  | { readonly kind: 'failure'; readonly name: string; readonly reason: string };

export interface Report {
  /** Runs a stage of the row; memory is counted by stage. */
  stage<T>(name: string, work: () => Promise<T>): Promise<T>;
  facts(facts: PeerFacts): void;
}

export function createReport(tell: (line: ReportLine) => void): Report {
  return {
    stage(stage, work) {
      tell({ kind: 'stage', stage });
      return work();
    },
    facts: (facts) => tell({ kind: 'facts', facts }),
  };
}

/** Milliseconds that `work` takes, and its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const began = performance.now();
  const value = await work();
  return { ms: performance.now() - began, value };
}

const MAX_RUNS = 5;
const ENOUGH_MS = 10_000;

/** Runs that are repeated until they have taken long enough, and their median. */
export async function repeated(
  run: () => Promise<number>,
): Promise<{ readonly medianMs: number; readonly runs: number }> {
  const times: number[] = [];
  while (times.length < MAX_RUNS && times.reduce((sum, ms) => sum + ms, 0) < ENOUGH_MS) times.push(await run());
  times.sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1], runs: times.length };
}
