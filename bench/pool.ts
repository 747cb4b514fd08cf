// npm run bench:pool -- model.vouch data.npz [--workers 1,2] [--samples 2000] [--proofs 10]: what the pool does per second.
import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { formatNumber, renderTable } from '../src/cli/table.ts';
import { readSamples } from '../src/pipeline/samples.ts';
import { createPool, type Pool } from '../src/pool/pool.ts';
import { residentBytes } from '../src/pool/resident-memory.ts';
import type { Sample } from '../src/quant/sample.ts';

const megabytes = (bytes: number): string => formatNumber(Math.round(bytes / 2 ** 20));

function* repeated(samples: readonly Sample[], count: number): Generator<Sample> {
  for (let i = 0; i < count; i++) yield samples[i % samples.length];
}

async function inferAll(pool: Pool, samples: Iterable<Sample>): Promise<void> {
  for await (const item of pool.inferMany(samples)) if (!item.ok) throw item.error;
}

async function measure(path: string, data: string, workers: number, count: number, proofs: number): Promise<string[]> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const opening = performance.now();
  const pool = await createPool(path, { workers, provers: workers });
  const openMs = performance.now() - opening;
  const samples = await readSamples(pool.model, data);
  // Threads start, and their code is compiled.
  await inferAll(pool, repeated(samples, 300 * workers));
  delay.reset();
  const cpu = process.cpuUsage();
  const started = performance.now();
  await inferAll(pool, repeated(samples, count));
  const inferMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const memory = await residentBytes(process.pid);
  await Promise.all(samples.slice(0, workers).map((sample) => pool.prove({ sample })));
  const proving = performance.now();
  for await (const item of pool.proveMany([...repeated(samples, proofs)].map((sample) => ({ sample })))) {
    if (!item.ok) throw item.error;
  }
  const proveMs = performance.now() - proving;
  delay.disable();
  await pool.close();
  return [
    String(workers),
    `${formatNumber(Math.round(openMs))} ms`,
    formatNumber(Math.round((1000 * count) / inferMs)),
    `${formatNumber((user + system) / 1000 / count)} ms`,
    formatNumber((60_000 * proofs) / proveMs),
    `${megabytes(memory ?? 0)} MB`,
    `${formatNumber(delay.max / 1e6)} ms`,
  ];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: 'string', default: `1,${availableParallelism()}` },
    samples: { type: 'string', default: '2000' },
    proofs: { type: 'string', default: '10' },
  },
});
const [path, data] = positionals;
const rows: string[][] = [];
for (const workers of values.workers.split(',').map(Number)) {
  rows.push(await measure(path, data, workers, Number(values.samples), Number(values.proofs)));
}
const header = ['workers', 'open', 'inferences/s', 'CPU each', 'proofs/min', 'resident', 'longest delay'];
process.stdout.write(`${renderTable(header, rows)}\nload average ${loadavg()[0].toFixed(1)}\n`);
