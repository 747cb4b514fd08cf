import { JsonRpcProvider } from 'ethers';
import { readData } from './data/read.ts';
import { InternalError } from './errors.ts';
import { startLocalChain } from './evm/anvil.ts';
import { verifyArguments } from './evm/calldata.ts';
import { deployVerifier, verifierAt, verifyOnChain } from './evm/deploy.ts';
import { inputsOf } from './graph/graph.ts';
import { samplesFrom, toSamples } from './inspect/samples.ts';
import { chooseKernel } from './kernel/choose.ts';
import { type CompiledModel, compile, infer, joinChunks, prove } from './pipeline.ts';
import { winner } from './quant/measure.ts';
import { openFloatRuntime } from './runtime/onnxruntime.ts';
import { setup } from './setup.ts';
import { checkProof } from './verify/check-proof.ts';
import { encodeLayout } from './verify/layout.ts';

export interface DemoOptions {
  /** Folder with `model.onnx`, `calibration.npz` and `heldout.npz`. */
  readonly folder: string;
  readonly onStage?: (stage: string) => void;
}

/** What the demo measured; every number of its closing table. */
export interface DemoResult {
  readonly model: string;
  readonly modelId: string;
  readonly trust: string;
  readonly kernel: string;
  readonly constraints: number;
  readonly predictedConstraints: number;
  readonly wires: number;
  readonly keyBytes: number;
  readonly proofBytes: number;
  readonly publicSignals: number;
  readonly label: number;
  readonly floatClass: number;
  readonly provedClass: number;
  readonly maxDelta: number;
  readonly elapsedMs: Readonly<Record<string, number>>;
  readonly verifyGasUsed: number;
  readonly deployGasUsed: number;
  readonly verifierBytes: number;
  readonly rejected: Readonly<Record<'tamperedOutput' | 'otherBinding' | 'tamperedProof', boolean>>;
  readonly peakMemoryBytes: number;
}

/** Two points of G1 and one of G2, uncompressed. */
const proofBytes = 256;

/**
 * One real model through the whole sentence: ONNX file, integers, constraints, development keys, an inference on a
 * held-out sample, its proof, and a contract on an embedded chain that accepts it and rejects what was tampered with.
 */
export async function runDemo({ folder, onStage = () => {} }: DemoOptions): Promise<DemoResult> {
  const elapsedMs: Record<string, number> = {};
  const timed = async <T>(stage: string, run: () => T | Promise<T>): Promise<T> => {
    onStage(stage);
    const begin = performance.now();
    const value = await run();
    elapsedMs[stage] = performance.now() - begin;
    return value;
  };
  const path = `${folder}/model.onnx`;
  const compiled = await timed('compile', () => compile(path, samplesFrom(`${folder}/calibration.npz`)));
  const keys = await timed('setup', () => setup(compiled));
  const provingKey = joinChunks(keys.zkey);
  const { sample, label } = await heldOutSample(compiled, `${folder}/heldout.npz`);
  const inference = await timed('infer', () => infer(compiled, sample));
  const binding = 0x5eedn;
  const { kernel } = chooseKernel();
  const { proof: proved } = await timed('prove', () =>
    prove(compiled, keys.file, inference, { kernel, provingKey, binding }),
  ).finally(() => kernel.close());
  const { proof, publicSignals, modelId, trust } = proved;
  const verdict = await timed('verify', () => checkProof(proved, keys.file));
  if (!verdict.valid) throw new InternalError(`an honest proof was not accepted: ${verdict.reasons.join('; ')}`);
  const float = await floatOutputs(compiled, path, sample);
  const chain = await timed('chain', () => startLocalChain());
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, batchMaxCount: 1 });
  try {
    const signer = await provider.getSigner(0);
    const model = { ...keys.file, layout: encodeLayout(compiled.layout) };
    const { address, gasUsed } = await timed('deploy', () => deployVerifier(signer, model));
    const check = (signals: readonly bigint[], p = proof): Promise<boolean> =>
      verifyOnChain(signer, address, signals, p);
    const acceptedOnChain = await timed('verify on chain', () => check(publicSignals));
    if (!acceptedOnChain) throw new InternalError('the contract did not accept an honest proof');
    const [output, ...others] = publicSignals;
    const rejected = {
      tamperedOutput: !(await check([output + 1n, ...others])),
      otherBinding: !(await check([...publicSignals.slice(0, -1), binding + 1n])),
      tamperedProof: !(await check(publicSignals, { ...proof, a: proof.c, c: proof.a })),
    };
    const call = verifierAt(address, signer).getFunction('verify');
    const verifyGasUsed = await call.estimateGas(...verifyArguments(publicSignals, proof));
    const [name, got] = [...inference.outputs][0];
    const want = float.get(name) ?? new Float64Array();
    return {
      model: path,
      modelId,
      trust,
      kernel: proved.kernel,
      constraints: compiled.circuit.system.rows,
      predictedConstraints: compiled.report.constraints,
      wires: compiled.circuit.system.wires,
      keyBytes: provingKey.length,
      proofBytes,
      publicSignals: publicSignals.length,
      label,
      floatClass: winner(want),
      provedClass: winner(got),
      maxDelta: got.reduce((most, v, i) => Math.max(most, Math.abs(v - want[i])), 0),
      elapsedMs,
      verifyGasUsed: Number(verifyGasUsed),
      deployGasUsed: Number(gasUsed),
      verifierBytes: ((await provider.getCode(address)).length - 2) / 2,
      rejected,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    provider.destroy();
    await chain.stop();
  }
}

async function heldOutSample({ graph }: CompiledModel, path: string) {
  const set = await readData(
    path,
    inputsOf(graph).map(({ node }) => node),
  );
  const [sample] = toSamples(set);
  return { sample, label: set.extra.get('label')?.data[0] ?? Number.NaN };
}

async function floatOutputs({ graph }: CompiledModel, path: string, sample: ReadonlyMap<string, Float64Array>) {
  const runtime = await openFloatRuntime(
    path,
    inputsOf(graph).map(({ node }) => node),
  );
  try {
    return await runtime.run(sample);
  } finally {
    await runtime.close();
  }
}
