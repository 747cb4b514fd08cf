import { createHash } from 'node:crypto';
import type { Prover } from '../../src/evm/node/work.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { lanesFor, packLanes, unpackLanes } from '../../src/tensor/lanes.ts';
import { toHex32 } from '../../src/verify/check-proof.ts';
import { keccak, verifyingKeyDigest } from '../../src/verify/evm-words.ts';
import { encodeLayout, type Layout, layoutJson } from '../../src/verify/layout.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import type { ModelFile } from '../../src/verify/model-file.ts';
import type { ProofFile } from '../../src/verify/proof-file.ts';
import { decodeSignals } from '../../src/verify/signals.ts';
import { createForgingKey } from '../contracts/forging-key.ts';

const inputLanes = lanesFor(-100, 100);
const outputLanes = lanesFor(-400, 400);

const layout: Layout = {
  outputs: [{ name: 'sum', shape: [1], scale: 1, ...outputLanes, visibility: 'public' }],
  inputs: [{ name: 'x', shape: [4], scale: 1, zero: 0, ...inputLanes, visibility: 'public' }],
};

let counter = 0;
/** Always the same secrets, so that every process has the same model. */
const { verifyingKey, forge } = createForgingKey(3, () => {
  counter++;
  return toScalar(BigInt(`0x${createHash('sha256').update(`toy ${counter}`).digest('hex').slice(0, 60)}`));
});

const none = keccak(new Uint8Array());

/** A model that adds four small numbers, under a key whose proofs take milliseconds because its secrets are known. */
export const toyModel: ModelFile = {
  core: {
    ...{ onnxDigest: none, externalDataDigest: none, quantisedDigest: none, r1csDigest: none },
    layoutDigest: keccak(encodeLayout(layout)),
    vkDigest: verifyingKeyDigest(verifyingKey),
    trust: 'insecure-dev',
  },
  layout,
  verifyingKey,
};
export const toyModelId = modelIdOf(toyModel.core);

export const toyInput = (x: readonly number[]): bigint[] => packLanes(inputLanes, x);
export const toyOutput = (signals: readonly bigint[]): bigint | undefined => unpackLanes(outputLanes, signals, 1)?.[0];

/** An honest prover of the toy, as slow as wanted. */
export function toyProver(delayMs = 0): Prover {
  return async ({ input, binding }, { signal }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    signal.throwIfAborted();
    const x = unpackLanes(inputLanes, input, 4) ?? [];
    const output = packLanes(outputLanes, [x.reduce((sum, v) => sum + v, 0n)]);
    return { output, proof: forge([...output, binding, ...input]) };
  };
}

/** A proof file of the toy. */
export async function toyProof(x: readonly number[], binding: bigint): Promise<ProofFile> {
  const input = toyInput(x);
  const job = { modelId: toyModelId, input, binding };
  const { output, proof } = await toyProver()(job, { signal: new AbortController().signal });
  const publicSignals = [...output, binding, ...input].map((signal) => toScalar(signal));
  const shown = decodeSignals(layout, publicSignals);
  if (shown === undefined) throw new Error('the toy publishes signals that do not decode');
  return {
    ...{ modelId: toyModelId, vkDigest: toyModel.core.vkDigest, trust: 'insecure-dev', backend: 'groth16' },
    ...{ kernel: 'toy', publicSignals, proof, layout: layoutJson(layout) },
    ...{ outputs: shown.outputs, inputs: shown.inputs, binding: toHex32(binding) },
  };
}
