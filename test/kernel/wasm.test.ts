import { expect, test } from 'vitest';
import { InternalError } from '../../src/errors.ts';
import { add, multiply, power, rootOfUnity, SCALAR_MODULUS, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { readLittleEndian } from '../../src/field/bytes.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { startWasm, withBytes } from '../../src/kernel/wasm-module.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { thorough } from './native.ts';
import { type Group, multiples, pointBytes, randomIntegers, repeatPoints, scalarBytes } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

const loaded = loadWasmCode();
if ('reason' in loaded) throw new InternalError(loaded.reason);
const { code } = loaded;
const wasm = await startWasm(code);
const r = SCALAR_MODULUS;
const random = randomIntegers(41);
const factors = [0n, 1n, -1n, 2n, -2n, 1n, r - 5n, 2n ** 100n, -(2n ** 100n), random() % r];

test.each([1, 2] as const)('sums of points in group %i agree with the oracle', (group: Group) => {
  const points = multiples(group, factors);
  for (const size of thorough ? [0, 1, 2, 33, 700, 5000] : [0, 1, 2, 33, 700]) {
    const scalars = Array.from(
      { length: size },
      (_, i) => [random() % r, random() & 1n, r - 1n, random() % 4096n, 0n, (r + 1n) / 2n][i % 6],
    );
    const choice = scalars.map(() => Number(random() % BigInt(factors.length)));
    const inputs = [repeatPoints(group, points, choice), scalarBytes(scalars), new Uint8Array(pointBytes(group))];
    const total = withBytes(wasm, inputs, (pointsAt, scalarsAt, out) => {
      wasm.call('sumPoints', group, pointsAt, scalarsAt, size, size === 33 ? 5 : 0, out);
      return wasm.view(out, pointBytes(group)).slice();
    });
    expect(total).toEqual(multiples(group, [scalars.reduce((sum, s, i) => sum + s * factors[choice[i]], 0n)]));
  }
});

test('multiples of one point agree with the oracle', () => {
  const scalars = [0n, 1n, r - 1n, (r + 1n) / 2n, ...Array.from({ length: 20 }, () => random() % r)];
  const inputs = [multiples(1, [3n]), scalarBytes(scalars), new Uint8Array(64 * scalars.length)];
  const products = withBytes(wasm, inputs, (base, scalarsAt, out) => {
    wasm.call('multiplyBase', 1, base, scalarsAt, scalars.length, out);
    return wasm.view(out, 64 * scalars.length).slice();
  });
  expect(products).toEqual(
    multiples(
      1,
      scalars.map((scalar) => 3n * scalar),
    ),
  );
});

test.each([0, 1, 2, 3, 6, 13])('a transform of 2^%i values agrees with direct evaluation', (bits) => {
  const coefficients = Array.from({ length: 2 ** bits }, () => toScalar(random()));
  const values = withBytes(wasm, [scalarBytes(coefficients)], (address) => {
    wasm.call('transformValues', address, bits);
    return wasm.view(address, 32 * 2 ** bits).slice();
  });
  for (const place of new Set([0, 2 ** bits - 1, (2 ** bits) >> 1])) {
    const point = power(rootOfUnity(bits), BigInt(place));
    const expected = coefficients.reduceRight((sum: Scalar, c) => add(multiply(sum, point), c), toScalar(0));
    expect(readLittleEndian(values, 32 * place)).toBe(expected);
  }
});

test('proofs verify, and memory is used again', async () => {
  const kernel = createWasmKernel(code);
  for (const [rows, publicInputs] of [
    [1, 0],
    [40, 3],
    [300, 1],
  ]) {
    const { system, witness } = randomCircuit(rows, rows, publicInputs);
    const { zkey, verifyingKey } = await createDevelopmentKey(system);
    const provingKey = new Uint8Array(Buffer.concat(zkey));
    for (let i = 0; i < 2; i++) await proveGroth16({ kernel, provingKey, verifyingKey, witness });
  }
  const address = wasm.allocate(5_000_000);
  wasm.release(address, 5_000_000);
  for (let i = 0; i < 5; i++) {
    const again = wasm.allocate(5_000_000);
    wasm.release(again, 5_000_000);
    expect(again).toBe(address);
  }
});

test('damaged keys and witnesses are refused', async () => {
  const kernel = createWasmKernel(code);
  const { system, witness } = randomCircuit(5, 12, 1);
  const { zkey } = await createDevelopmentKey(system);
  const provingKey = new Uint8Array(Buffer.concat(zkey));
  const bytes = encodeWtns(witness);
  for (let length = 0; length < provingKey.length; length += 500) {
    await expect(kernel.prove({ provingKey: provingKey.slice(0, length), witness: bytes })).rejects.toThrow('No proof');
  }
  // Counts whose products do not fit 32 bits.
  for (const offset of [112, 116, 120]) {
    for (const count of [0x02000000, 0x04000000, 0x08000000, 0x10000000, 0xffffffff]) {
      const changed = provingKey.slice();
      new DataView(changed.buffer).setUint32(offset, count, true);
      await expect(kernel.prove({ provingKey: changed, witness: bytes })).rejects.toThrow('No proof');
    }
  }
  const notReduced = bytes.slice();
  notReduced.fill(255, bytes.length - 32);
  await expect(kernel.prove({ provingKey, witness: notReduced })).rejects.toThrow('not below the order');
});
