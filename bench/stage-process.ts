// One stage of one model in a process of its own: node --import tsx bench/stage-process.ts <stage> <input as JSON>
import type { Sizes, StageResult } from './result.ts';
import { type StageInput, stages } from './stages.ts';

/** What the process tells. */
export interface StageReport {
  readonly result: StageResult;
  readonly sizes: Partial<Sizes>;
}

const [name, json, repeat] = process.argv.slice(2);
const stage = stages.find((candidate) => candidate.name === name);
if (stage === undefined) throw new Error(`there is no stage "${name}"`);
const input: StageInput = JSON.parse(json);
const { run, finish } = await stage.prepare(input);
if (stage.warm) await run();
const runs = Math.min(stage.runs, Number(repeat));
const times: number[] = [];
for (let i = 0; i < runs; i++) {
  const began = performance.now();
  await run();
  times.push(performance.now() - began);
}
// Before what `finish` does, which is not part of the stage.
const peakBytes = process.resourceUsage().maxRSS * 1024;
const { kernel, sizes = {} } = (await finish?.()) ?? {};
times.sort((a, b) => a - b);
const result: StageResult = {
  stage: stage.name,
  runs,
  warm: stage.warm,
  medianMs: times[times.length >> 1],
  leastMs: times[0],
  peakBytes,
  ...(kernel === undefined ? {} : { kernel }),
};
const report: StageReport = { result, sizes };
process.stdout.write(JSON.stringify(report), () => process.exit(0));
