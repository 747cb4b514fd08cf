import { join } from 'node:path';
import { readData } from '../data/read.ts';
import { startLocalChain } from '../evm/anvil.ts';
import { inputsOf } from '../graph/graph.ts';
import { toSamples } from '../inspect/samples.ts';
import { createPool } from '../pool/pool.ts';
import type { Sample } from '../quant/sample.ts';
import { withTemporaryFolder } from '../temporary.ts';
import { signalCount } from '../verify/layout.ts';
import { type ChainStory, liveOnChain } from './on-chain.ts';
import { type Prepared, prepareModel, proveForeign, type Stage } from './prepare.ts';

export interface DemoOptions {
  /** Folder of the example models. */
  readonly models: string;
  readonly onStage?: (stage: string) => void;
}

/** What the demo measured; every number of its closing table. */
export interface DemoResult extends ChainStory {
  readonly trust: string;
  readonly kernel: string;
  readonly constraints: number;
  readonly keyBytes: number;
  readonly proofBytes: number;
  readonly publicSignals: number;
  /** Held-out windows inferred in the pool, by integers and by the float model. */
  readonly windows: number;
  readonly windowsPerSecond: number;
  readonly maxDelta: number;
  /** What the float model says of the window on chain, in percent a day. */
  readonly floatVolatility: number;
  readonly elapsedMs: Readonly<Record<string, number>>;
  /** Of this process; workers and proving processes have their own. */
  readonly peakMemoryBytes: number;
}

/** Two points of G1 and one of G2, uncompressed. */
const PROOF_BYTES = 256;

/**
 * One real model through the whole sentence: an LSTM that predicts tomorrow's volatility is compiled, set up, run on
 * held-out market data in the pool, and put on an embedded chain, where a contract asks it about prices that the
 * contract itself recorded, a node answers with a proof, and the answer sets a swap fee. Then come the attackers.
 */
export function runDemo({ models, onStage = () => {} }: DemoOptions): Promise<DemoResult> {
  const elapsedMs: Record<string, number> = {};
  const stage: Stage = async (name, run) => {
    onStage(name);
    const begin = performance.now();
    const value = await run();
    elapsedMs[name] = performance.now() - begin;
    return value;
  };
  return withTemporaryFolder(async (folder) => {
    const prepared = await prepareModel(models, join(folder, 'volatility.vouch'), stage);
    const samples = await heldOut(models, prepared);
    const inferred = await stage('infer', () => inferAll(prepared, join(models, 'volatility/model.onnx'), samples));
    const foreign = await stage('another model', () => proveForeign(models));
    const chain = await stage('chain', () => startLocalChain());
    try {
      const story = await liveOnChain(chain, prepared, samples[samples.length - 1], foreign.proven, stage);
      const { file, compiled, keyBytes } = prepared;
      return {
        ...story,
        trust: file.core.trust,
        kernel: foreign.kernel,
        constraints: compiled.circuit.system.rows,
        keyBytes,
        proofBytes: PROOF_BYTES,
        publicSignals: signalCount(file.layout),
        windows: samples.length,
        windowsPerSecond: (1000 * samples.length) / elapsedMs.infer,
        maxDelta: inferred.maxDelta,
        floatVolatility: inferred.lastFloat,
        elapsedMs,
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    } finally {
      await chain.stop();
    }
  });
}

async function heldOut(models: string, { compiled }: Prepared): Promise<Sample[]> {
  const inputs = inputsOf(compiled.graph).map(({ node }) => node);
  return toSamples(await readData(join(models, 'volatility/heldout.npz'), inputs));
}

/** Every sample in the pool, float and proved side by side. */
async function inferAll({ directory }: Prepared, onnx: string, samples: readonly Sample[]) {
  const pool = await createPool(directory, { onnx });
  let [maxDelta, lastFloat] = [0, Number.NaN];
  try {
    for await (const item of pool.inferMany(samples)) {
      if (!item.ok) throw item.error;
      const { outputs, float } = item.value;
      for (const [name, proved] of outputs) {
        const want = float?.outputs.get(name) ?? new Float64Array(proved.length).fill(Number.NaN);
        for (const [i, value] of proved.entries()) maxDelta = Math.max(maxDelta, Math.abs(value - want[i]));
        lastFloat = want[0];
      }
    }
  } finally {
    await pool.close();
  }
  return { maxDelta, lastFloat };
}
