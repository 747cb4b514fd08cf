// One kernel in a process of its own, so that its memory is its own too:
//   node --import tsx bench/kernel-process.ts <kernel> <threads> <folder with key.zkey and witness.wtns> <runs>
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InternalError } from '../src/errors.ts';
import { loadAddon } from '../src/kernel/addon.ts';
import type { Kernel } from '../src/kernel/contract.ts';
import { createNativeKernel } from '../src/kernel/native.ts';
import { createSnarkjsKernel } from '../src/kernel/snarkjs.ts';
import { createWasmKernel, loadWasmCode } from '../src/kernel/wasm.ts';
import { readZkeySummary } from '../src/keys/zkey.ts';
import { verifyGroth16 } from '../src/verify/groth16.ts';

/** What the process tells: medians of whole proofs after one that is not counted. */
export interface KernelReport {
  readonly kernel: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The first proof, which opens the key. */
  readonly firstMs: number;
  /** What proving added to the memory that the runtime had resident before it, at its highest. */
  readonly addedBytes: number;
}

const [name, threads, folder, runs] = process.argv.slice(2);
const kernel = create(name, Number(threads));
const provingKey = join(folder, 'key.zkey');
const witness = readFileSync(join(folder, 'witness.wtns'));
const { verifyingKey } = await readZkeySummary(provingKey);
const before = process.memoryUsage.rss();
const opening = performance.now();
const { proof, publicSignals } = await kernel.prove({ provingKey, witness });
const firstMs = performance.now() - opening;
const times: { readonly wall: number; readonly cpu: number }[] = [];
for (let i = 0; i < Number(runs); i++) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await kernel.prove({ provingKey, witness });
  const { user, system } = process.cpuUsage(cpu);
  times.push({ wall: performance.now() - started, cpu: (user + system) / 1000 });
}
const addedBytes = 1024 * process.resourceUsage().maxRSS - before;
if (!verifyGroth16(verifyingKey, publicSignals, proof)) throw new InternalError(`${kernel.name} made a wrong proof.`);
const report: KernelReport = {
  kernel: kernel.name,
  wallMs: median(times.map(({ wall }) => wall)),
  cpuMs: median(times.map(({ cpu }) => cpu)),
  firstMs,
  addedBytes,
};
process.stdout.write(JSON.stringify(report), () => process.exit(0));

function create(wanted: string, count: number): Kernel {
  if (wanted === 'snarkjs') return createSnarkjsKernel();
  if (wanted === 'wasm') {
    const wasm = loadWasmCode();
    if ('reason' in wasm) throw new InternalError(wasm.reason);
    return createWasmKernel(wasm.code, { threads: count });
  }
  const loaded = loadAddon();
  if ('reason' in loaded) throw new InternalError(loaded.reason);
  return createNativeKernel(loaded.addon, { variant: wanted, threads: count });
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1];
}
