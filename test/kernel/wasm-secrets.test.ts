import { expect, test } from 'vitest';
import { InternalError } from '../../src/errors.ts';
import { loadWasmCode } from '../../src/kernel/wasm.ts';
import { loadProgram, startWasm } from '../../src/kernel/wasm-module.ts';
import { createWasmProver } from '../../src/kernel/wasm-prover.ts';
import { witnessValues } from '../../src/kernel/witness-values.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { randomIntegers, scalarBytes } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

const { system, witness } = randomCircuit(400, 400, 2);
const key = new Uint8Array(Buffer.concat((await createDevelopmentKey(system)).zkey));
const values = witnessValues(encodeWtns(witness)).slice();
const random = randomIntegers(43);
const blinding = scalarBytes([2n ** 252n + (random() % 2n ** 250n), 2n ** 252n + (random() % 2n ** 250n)]);
/** Values of wires that are no small numbers, whole. */
const wide = Array.from({ length: values.length / 32 }, (_, i) => values.slice(32 * i, 32 * i + 32)).filter((value) =>
  value.subarray(16).some((byte) => byte !== 0),
);
const secrets = [blinding.slice(0, 16), blinding.slice(32, 48), blinding.slice(40, 56), ...wide];

test.each(['fma', 'simd'] as const)('nothing secret stays in the memory of %s, however a proof ends', async (build) => {
  const loaded = loadWasmCode(build);
  if ('reason' in loaded) {
    if (build === 'simd') throw new InternalError(loaded.reason);
    return;
  }
  const program = await loadProgram(loaded.code.bytes);
  let cancelAt = Number.POSITIVE_INFINITY;
  const setCancelled = (value: number) =>
    Atomics.store(new Int32Array(program.memory.buffer, wasm.ask('cancelWord'), 1), 0, value);
  const wasm = await startWasm(program, (thousandths) => {
    if (thousandths >= cancelAt) setCancelled(1);
  });
  const prover = createWasmProver(wasm);
  wasm.view(prover.reserveKey(key.length), key.length).set(key);
  prover.openKey();
  const found = () => {
    const memory = Buffer.from(program.memory.buffer);
    return secrets.map((secret) => memory.indexOf(secret)).filter((at) => at >= 0);
  };

  expect(secrets.length).toBeGreaterThan(4);
  const address = wasm.allocate(blinding.length);
  wasm.view(address, blinding.length).set(blinding);
  expect(found()).toHaveLength(3);
  wasm.release(address, blinding.length);
  expect(found()).toEqual([]);

  prover.prove(values, blinding);
  expect(found()).toEqual([]);
  const notBelow = Uint8Array.from(blinding, (byte, i) => (i < 32 ? 255 : byte));
  expect(() => prover.prove(values, notBelow)).toThrow('not below the order');
  expect(found()).toEqual([]);
  for (cancelAt of [40, 280, 480]) {
    setCancelled(0);
    expect(() => prover.prove(values, blinding)).toThrow('status 2');
    expect(found()).toEqual([]);
  }
});
