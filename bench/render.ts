import { formatNumber, renderTable } from '../src/cli/table.ts';
import type { BenchResult, ModelResult, StageResult } from './result.ts';

/** The tables that people read: what was made, then how long each stage took and how much memory. */
export function renderBench({ date, machine, commit, models }: BenchResult): string {
  const { cpu, cores, memoryBytes, node, load } = machine;
  return [
    `${cpu}, ${cores} cores, ${gigabytes(memoryBytes)}, node ${node}, load ${load[0]} before and ${load[1]} after`,
    `commit ${commit.id.slice(0, 12)}${commit.modified ? ' (modified)' : ''}, ${date.slice(0, 10)}`,
    '',
    renderTable(
      ['model', 'ranges', 'constraints', 'domain', 'public signals', 'key', 'proof'],
      models.map(({ model, policy, sizes }) => [
        model,
        policy,
        sizes.constraints,
        `2^${Math.log2(sizes.domain)}`,
        sizes.publicSignals,
        megabytes(sizes.keyBytes),
        `${sizes.proofBytes} bytes`,
      ]),
    ),
    '',
    renderTable(['model', 'stage', 'median', 'least', 'runs', 'peak memory', 'kernel'], models.flatMap(stageRows)),
  ].join('\n');
}

function stageRows({ model, stages }: ModelResult): string[][] {
  return stages.map(({ stage, medianMs, leastMs, runs, warm, peakBytes, kernel }: StageResult, i) => [
    i === 0 ? model : '',
    stage,
    time(medianMs),
    time(leastMs),
    `${runs} ${warm ? 'warm' : 'cold'}`,
    megabytes(peakBytes),
    kernel ?? '',
  ]);
}

const megabytes = (bytes: number): string => `${formatNumber(Math.round(bytes / 1e5) / 10)} MB`;
const gigabytes = (bytes: number): string => `${Math.round(bytes / 1e9)} GB`;

function time(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}
