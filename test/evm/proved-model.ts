import { Buffer } from 'node:buffer';
import type { VerifierModel } from '../../src/evm/model-data.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { vectorOf } from '../../src/field/vector.ts';
import type { Kernel } from '../../src/kernel/contract.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { type ProvedWitness, proveGroth16 } from '../../src/prove/groth16.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { keccak, verifyingKeyDigest } from '../../src/verify/evm-words.ts';
import type { TrustLevel } from '../../src/verify/types.ts';

/** A model with `signals` outputs, each the square of its own private input, and one proof of it. */
export async function makeProvedModel(
  kernel: Kernel,
  signals: number,
  trust: TrustLevel = 'insecure-dev',
): Promise<{ model: VerifierModel; proved: ProvedWitness }> {
  const builder = createSystemBuilder({ outputs: signals, publicInputs: 0, privateInputs: signals });
  const inputs = Array.from({ length: signals }, (_, i) => 2n ** 120n + BigInt(i));
  for (let i = 0; i < signals; i++) {
    builder.a.add(1 + signals + i, 1);
    builder.b.add(1 + signals + i, 1);
    builder.c.add(1 + i, 1);
    builder.closeRow(0);
  }
  const { zkey, verifyingKey } = await createDevelopmentKey(builder.finish());
  const provingKey = new Uint8Array(Buffer.concat(zkey));
  const witness = vectorOf([1n, ...inputs.map((x) => x * x), ...inputs].map((value) => toScalar(value)));
  const proved = await proveGroth16({ kernel, provingKey, verifyingKey, witness });
  const layout = new TextEncoder().encode('{"outputs":[]}');
  const none = keccak(new Uint8Array());
  const core = {
    onnxDigest: none,
    externalDataDigest: none,
    quantisedDigest: none,
    r1csDigest: none,
    layoutDigest: keccak(layout),
    vkDigest: verifyingKeyDigest(verifyingKey),
    trust,
  };
  return { model: { core, verifyingKey, layout }, proved };
}
