import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RangePolicy } from '../src/quant/precision.ts';
import { withTemporaryFolder } from '../src/temporary.ts';
import type { ModelResult, Sizes, StageResult } from './result.ts';
import type { StageReport } from './stage-process.ts';
import { type StageInput, stages } from './stages.ts';

export interface MeasureOptions {
  /** Most runs of a stage. */
  readonly repeat: number;
  readonly onStage?: (stage: string) => void;
}

/** Models whose worst-case ranges are too wide to be of use. */
const CALIBRATED: readonly string[] = ['resnet8'];

/** Measures every stage of a model, each in a process of its own, so that its memory is its own too. */
export function measureModel(model: string, path: string, { repeat, onStage }: MeasureOptions): Promise<ModelResult> {
  return withTemporaryFolder(async (folder) => {
    const policy: RangePolicy = CALIBRATED.includes(model)
      ? { name: 'calibrated', margin: 1.5 }
      : { name: 'worst-case' };
    const results: StageResult[] = [];
    let sizes: Sizes = { constraints: 0, wires: 0, domain: 0, publicSignals: 0, keyBytes: 0, proofBytes: 0 };
    for (const { name } of stages) {
      onStage?.(name);
      const report = await runStage(name, { model: path, directory: join(folder, 'model.vouch'), policy }, repeat);
      results.push(report.result);
      sizes = { ...sizes, ...report.sizes };
    }
    return { model, policy: policy.name, sizes, stages: results };
  });
}

const PROCESS = fileURLToPath(new URL('./stage-process.ts', import.meta.url));

async function runStage(stage: string, input: StageInput, repeat: number): Promise<StageReport> {
  const command = ['--import', 'tsx', PROCESS, stage, JSON.stringify(input), String(repeat)];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}
