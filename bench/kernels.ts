// npm run bench -- --kernels, or tsx bench/kernels.ts [--sizes 16,18 --threads 1,2 --reps 3 --json file]: whole proofs by
// every kernel, on the same key and witness, warm (one proof went before), medians; and rapidsnark where one is installed.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/table.ts';
import { vectorOf } from '../src/field/vector.ts';
import { loadAddon } from '../src/kernel/addon.ts';
import type { Kernel, ProveRequest } from '../src/kernel/contract.ts';
import { createNativeKernel } from '../src/kernel/native.ts';
import { createSnarkjsKernel } from '../src/kernel/snarkjs.ts';
import { createWasmKernel, loadWasmCode } from '../src/kernel/wasm.ts';
import { createDevelopmentKey } from '../src/keys/dev.ts';
import { withTemporaryFolder } from '../src/temporary.ts';
import { verifyGroth16 } from '../src/verify/groth16.ts';
import type { VerifyingKey } from '../src/verify/types.ts';
import { encodeWtns } from '../src/witness/file.ts';
import { writeFileAtomically } from '../src/write-file.ts';
import { networkLikeCircuit } from './network-like-circuit.ts';

interface Row {
  readonly kernel: string;
  readonly threads: number | string;
  /** Medians of whole proofs; null where this kernel is absent. */
  readonly wallMs: number | null;
  readonly cpuMs: number | null;
  readonly note: string;
}

async function measure(
  kernel: Kernel,
  reps: number,
  request: ProveRequest,
  verifyingKey: VerifyingKey,
): Promise<Pick<Row, 'wallMs' | 'cpuMs'>> {
  const { proof, publicSignals } = await kernel.prove(request);
  if (!verifyGroth16(verifyingKey, publicSignals, proof)) throw new Error(`${kernel.name} made a wrong proof`);
  const runs: { wall: number; cpu: number }[] = [];
  for (let i = 0; i < reps; i++) {
    const [started, before] = [performance.now(), process.cpuUsage()];
    await kernel.prove(request);
    const { user, system } = process.cpuUsage(before);
    runs.push({ wall: performance.now() - started, cpu: (user + system) / 1000 });
  }
  await kernel.close();
  return { wallMs: median(runs.map(({ wall }) => wall)), cpuMs: median(runs.map(({ cpu }) => cpu)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)];
}

/** Whole processes of rapidsnark's `prover`, where that is installed. */
function measureRapidsnark(folder: string, reps: number): Row {
  const absent = { kernel: 'rapidsnark (process)', threads: 'all', wallMs: null, cpuMs: null } as const;
  const run = () => {
    const started = performance.now();
    const files = ['key.zkey', 'witness.wtns', 'proof.json', 'public.json'].map((name) => join(folder, name));
    const { error, status } = spawnSync(process.env.RAPIDSNARK ?? 'rapidsnark', files, { stdio: 'ignore' });
    return error === undefined && status === 0 ? performance.now() - started : undefined;
  };
  const times = Array.from({ length: reps }, run);
  if (times.includes(undefined)) return { ...absent, note: 'absent: no rapidsnark on the PATH or in RAPIDSNARK' };
  return { ...absent, wallMs: median(times.map((time) => time ?? Number.NaN)), note: '' };
}

async function benchSize(bits: number, threads: readonly number[], reps: number): Promise<readonly Row[]> {
  const { system, values } = networkLikeCircuit(bits);
  const started = performance.now();
  const { zkey, verifyingKey } = await createDevelopmentKey(system);
  const setupMs = performance.now() - started;
  return withTemporaryFolder(async (folder) => {
    const provingKey = join(folder, 'key.zkey');
    const witness = encodeWtns(vectorOf(values));
    await writeFileAtomically(provingKey, zkey);
    await writeFileAtomically(join(folder, 'witness.wtns'), [witness]);
    const rows: Row[] = [];
    const add = async (kernel: Kernel, count: number | string) => {
      const note = `setup ${setupMs.toFixed(0)} ms, load ${loadavg()[0].toFixed(1)}`;
      const times = await measure(kernel, reps, { provingKey, witness }, verifyingKey);
      rows.push({ kernel: kernel.name, threads: count, ...times, note });
    };
    const loaded = loadAddon();
    if ('reason' in loaded) {
      rows.push({ kernel: 'native', threads: '', wallMs: null, cpuMs: null, note: loaded.reason });
    } else {
      for (const variant of loaded.addon.kernels()) {
        for (const count of threads) await add(createNativeKernel(loaded.addon, { variant, threads: count }), count);
      }
    }
    const wasm = loadWasmCode();
    if ('code' in wasm) await add(createWasmKernel(wasm.code), 1);
    await add(createSnarkjsKernel(), availableParallelism());
    rows.push(measureRapidsnark(folder, reps));
    return rows;
  });
}

export interface KernelBenchOptions {
  /** Binary logarithms of the domains. */
  readonly sizes: readonly number[];
  readonly threads: readonly number[];
  readonly reps: number;
  /** Where to write the results as JSON. */
  readonly json?: string | undefined;
}

/** Prints proofs of one network-like circuit of each size by every kernel. */
export async function benchKernels({ sizes, threads, reps, json }: KernelBenchOptions): Promise<void> {
  const results: { readonly bits: number; readonly rows: readonly Row[] }[] = [];
  for (const bits of sizes) results.push({ bits, rows: await benchSize(bits, threads, reps) });
  const [{ model }] = cpus();
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${model}, ${availableParallelism()} cores, peak ${peakMiB} MiB for the whole run`);
  for (const { bits, rows } of results) {
    const slowest = rows.find(({ kernel }) => kernel.startsWith('snarkjs'))?.wallMs ?? Number.NaN;
    const cells = rows.map(({ kernel, threads: count, wallMs, cpuMs, note }) => [
      ...[kernel, String(count)],
      ...[wallMs?.toFixed(0) ?? '-', cpuMs?.toFixed(0) ?? '-'],
      ...[wallMs === null ? '-' : `${(slowest / wallMs).toFixed(1)}x`, note],
    ]);
    console.log(`\n2^${bits}\n${renderTable(['kernel', 'threads', 'wall ms', 'cpu ms', 'snarkjs /', 'note'], cells)}`);
  }
  if (json !== undefined) writeFileSync(json, JSON.stringify({ model, peakMiB, results }, null, 2));
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '16' },
      threads: { type: 'string', default: '1,2' },
      reps: { type: 'string', default: '3' },
      json: { type: 'string' },
    },
  });
  const numbers = (text: string) => text.split(',').map(Number);
  const { sizes, threads, reps, json } = values;
  await benchKernels({ sizes: numbers(sizes), threads: numbers(threads), reps: Number(reps), json });
}
