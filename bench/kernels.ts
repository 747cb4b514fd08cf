// npm run bench -- --kernels: whole proofs by every kernel, each in a process of its own, on the same key and witness; and
// whole processes beside rapidsnark's.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderTable } from '../src/cli/table.ts';
import { vectorOf } from '../src/field/vector.ts';
import { loadAddon } from '../src/kernel/addon.ts';
import { whyUnavailable } from '../src/kernel/native.ts';
import { loadWasmCode } from '../src/kernel/wasm.ts';
import { createDevelopmentKey } from '../src/keys/dev.ts';
import { withTemporaryFolder } from '../src/temporary.ts';
import { encodeWtns } from '../src/witness/file.ts';
import { writeFileAtomically } from '../src/write-file.ts';
import { buildPackage, type ColdProcesses, measureColdProcesses } from './cold-processes.ts';
import type { KernelReport } from './kernel-process.ts';
import { currentLoad, describeCommit, describeMachine, machineName } from './machine.ts';
import { networkLikeCircuit } from './network-like-circuit.ts';
import { runProcess } from './process-run.ts';
import type { BenchResult } from './result.ts';

interface Row {
  readonly kernel: string;
  readonly threads: number;
  /** Absent where the kernel is. */
  readonly report?: KernelReport;
  readonly note: string;
}

interface SizeResult {
  /** Binary logarithm of the domain. */
  readonly bits: number;
  readonly keyBytes: number;
  readonly setupMs: number;
  readonly rows: readonly Row[];
  readonly cold: ColdProcesses;
}

/** What a run found: the file that is kept. */
interface KernelBenchResult extends Pick<BenchResult, 'date' | 'machine' | 'commit'> {
  readonly format: 'vouch-bench-kernels-1';
  readonly sizes: readonly SizeResult[];
}

const NATIVE_VARIANTS = ['ifma', 'adx', 'portable'];

type Candidate = readonly [name: string, threads: number, absent?: string];

/** The kernels to measure with their numbers of threads; a string says why one is absent. */
function candidates(threads: readonly number[]): readonly Candidate[] {
  const [native, wasm] = [loadAddon(), loadWasmCode()];
  const all = availableParallelism();
  return [
    ...('reason' in native
      ? [['native', all, native.reason] as const]
      : NATIVE_VARIANTS.flatMap((name): Candidate[] => {
          const reason = whyUnavailable(native.addon, name);
          return reason === undefined ? threads.map((count) => [name, count]) : [[name, all, reason]];
        })),
    ...('reason' in wasm ? [['wasm', all, wasm.reason] as const] : threads.map((count) => ['wasm', count] as const)),
    ['snarkjs', all],
  ];
}

async function measureKernel(name: string, threads: number, folder: string, reps: number): Promise<Row> {
  const script = fileURLToPath(new URL('kernel-process.ts', import.meta.url));
  const { output } = await runProcess(process.execPath, [
    ...['--import', 'tsx', script],
    ...[name, String(threads), folder, String(reps)],
  ]);
  const report: KernelReport = JSON.parse(output);
  return { kernel: report.kernel, threads, report, note: `load ${currentLoad()}` };
}

async function benchSize(bits: number, { threads, reps }: KernelBenchOptions): Promise<SizeResult> {
  const { system, values } = networkLikeCircuit(bits);
  const started = performance.now();
  const { zkey } = await createDevelopmentKey(system);
  const setupMs = performance.now() - started;
  return withTemporaryFolder(async (folder) => {
    const key = join(folder, 'key.zkey');
    await writeFileAtomically(key, zkey);
    await writeFileAtomically(join(folder, 'witness.wtns'), [encodeWtns(vectorOf(values))]);
    const rows: Row[] = [];
    for (const [name, count, absent] of candidates(threads)) {
      if (absent !== undefined) rows.push({ kernel: name, threads: count, note: absent });
      else rows.push(await measureKernel(name, count, folder, reps));
    }
    return { bits, keyBytes: statSync(key).size, setupMs, rows, cold: await measureColdProcesses(folder, reps) };
  });
}

export interface KernelBenchOptions {
  /** Binary logarithms of the domains. */
  readonly sizes: readonly number[];
  readonly threads: readonly number[];
  readonly reps: number;
  /** The folder in which the numbers are kept. */
  readonly results: string;
}

/** Measures proofs of one network-like circuit of each size by every kernel, prints a table and keeps the numbers. */
export async function benchKernels(options: KernelBenchOptions): Promise<void> {
  const date = new Date().toISOString();
  const loadBefore = currentLoad();
  buildPackage();
  const sizes: SizeResult[] = [];
  for (const bits of options.sizes) sizes.push(await benchSize(bits, options));
  const machine = describeMachine(loadBefore);
  const result: KernelBenchResult = {
    format: 'vouch-bench-kernels-1',
    ...{ date, machine, commit: describeCommit(), sizes },
  };
  console.log(`${machine.cpu}, ${machine.cores} cores, load ${machine.load[0]} before and ${machine.load[1]} after`);
  for (const size of sizes) console.log(renderSize(size));
  mkdirSync(options.results, { recursive: true });
  const path = join(options.results, `kernels-${date.slice(0, 10)}-${machineName(machine)}.json`);
  writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
  console.log(`wrote ${path}`);
}

function renderSize({ bits, keyBytes, setupMs, rows, cold }: SizeResult): string {
  const slowest = rows.find(({ kernel }) => kernel.startsWith('snarkjs'))?.report?.wallMs ?? Number.NaN;
  const cells = rows.map(({ kernel, threads, report, note }) => {
    if (report === undefined) return [kernel, String(threads), '-', '-', '-', '-', '-', note];
    const { wallMs, cpuMs, firstMs, addedBytes } = report;
    const times = [wallMs, cpuMs, firstMs].map((ms) => ms.toFixed(0));
    return [
      ...[kernel, String(threads), ...times, `${(slowest / wallMs).toFixed(1)}x`],
      ...[`${megabytes(addedBytes)} (${(addedBytes / keyBytes).toFixed(1)}x key)`, note],
    ];
  });
  const header = ['kernel', 'threads', 'wall ms', 'cpu ms', 'first ms', 'snarkjs /', 'memory added', 'note'];
  return [
    `\n2^${bits}, key ${megabytes(keyBytes)}, development setup ${setupMs.toFixed(0)} ms`,
    renderTable(header, cells),
    renderCold(cold),
  ].join('\n');
}

function renderCold({ rapidsnark, ...ours }: ColdProcesses): string {
  const describe = (run: Omit<ColdProcesses, 'rapidsnark'>) =>
    `${run.wallMs.toFixed(0)} ms wall, ${run.cpuMs.toFixed(0)} ms cpu, peak ${megabytes(run.peakBytes)}`;
  const own = `whole process, cold: ${describe(ours)}`;
  if ('absent' in rapidsnark) return `${own}\nrapidsnark: absent, ${rapidsnark.absent}`;
  const { wallRatio, cpuRatio, digest } = rapidsnark;
  return [
    own,
    `rapidsnark (sha256 ${digest.slice(0, 16)}…): ${describe(rapidsnark)}`,
    `rapidsnark / ours, median of pairs: ${wallRatio.toFixed(2)} wall, ${cpuRatio.toFixed(2)} cpu`,
  ].join('\n');
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
