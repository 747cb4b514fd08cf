import { afterAll, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import type { Kernel, ProveResult } from '../../src/kernel/contract.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { terminateCurve } from '../../src/kernel/snarkjs.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { encodeProofJson, encodeVerifyingKeyJson } from '../../src/verify/snarkjs-json.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { verifyAll } from './batch-verify.ts';
import { addon, variants } from './native.ts';
import { randomIntegers } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

// VOUCH_PROOFS=10000 npm run test:kernel -- many-proofs for all of them.
const TOTAL = Number(process.env.VOUCH_PROOFS ?? 1000);
const PER_CIRCUIT = 50;
/** One proof of this many is put before snarkjs too. */
const SAMPLED = 25;

const snarkjs = await import('snarkjs');
afterAll(terminateCurve);

test(`${TOTAL} proofs of varied circuits by every kernel verify`, { timeout: 3_600_000 }, async () => {
  const random = randomIntegers(97);
  const kernels = everyKernel();
  const sizes = [1, 2, 3, 7, 12, 31, 32, 33, 64, 100, 127, 255, 256, 300, 511, 700];
  const used = new Map<string, number>();
  for (let made = 0; made < TOTAL; made += PER_CIRCUIT) {
    const round = made / PER_CIRCUIT;
    // Each sixteenth round is one of the long circuits, up to a domain of 2^12.
    const rows = round % 16 === 15 ? 1000 + Number(random() % 3000n) : sizes[round % sizes.length];
    const { system, witness } = randomCircuit(1000 + round, rows, round % 5);
    const { zkey, verifyingKey } = await createDevelopmentKey(system, { kernel: kernels[0] });
    const provingKey = new Uint8Array(Buffer.concat(zkey));
    const bytes = encodeWtns(witness);
    const proofs: ProveResult[] = [];
    for (let i = 0; i < PER_CIRCUIT; i++) {
      const kernel = kernels[(round + i) % kernels.length];
      proofs.push(await kernel.prove({ provingKey, witness: bytes }));
      used.set(kernel.name, (used.get(kernel.name) ?? 0) + 1);
    }
    expect(verifyAll(verifyingKey, proofs, random), `circuit ${round}, ${rows} rows`).toBe(true);
    for (let i = 0; i < PER_CIRCUIT; i += SAMPLED) {
      const { proof, publicSignals } = proofs[(round + i) % PER_CIRCUIT];
      const key = encodeVerifyingKeyJson(verifyingKey);
      expect(await snarkjs.groth16.verify(key, publicSignals.map(String), encodeProofJson(proof))).toBe(true);
    }
    if (round >= 8) continue;
    // What accepts so many at once must still refuse: one wrong signal, or two proofs' points exchanged.
    const [{ proof, publicSignals }, second, ...others] = proofs;
    const mixed = { proof: { ...proof, c: second.proof.c }, publicSignals };
    expect(verifyAll(verifyingKey, [mixed, second, ...others], random)).toBe(false);
    if (publicSignals.length === 0) continue;
    const lie = [toScalar(publicSignals[0] + 1n), ...publicSignals.slice(1)];
    expect(verifyAll(verifyingKey, [{ proof, publicSignals: lie }, second, ...others], random)).toBe(false);
  }
  for (const kernel of kernels) await kernel.close();
  expect([...used.keys()].sort()).toEqual([...new Set(kernels.map(({ name }) => name))].sort());
});

/** Native variants on one and several threads, and WebAssembly. */
function everyKernel(): readonly Kernel[] {
  const wasm = loadWasmCode();
  const native = addon;
  return [
    ...(native === undefined
      ? []
      : variants.flatMap((variant) => [1, 2].map((threads) => createNativeKernel(native, { variant, threads })))),
    ...('code' in wasm ? [createWasmKernel(wasm.code)] : []),
  ];
}
