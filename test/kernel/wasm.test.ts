import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InternalError } from '../../src/errors.ts';
import { add, multiply, power, rootOfUnity, SCALAR_MODULUS, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { readLittleEndian } from '../../src/field/bytes.ts';
import { decodeProof } from '../../src/kernel/proof-bytes.ts';
import { createWasmKernel, loadWasmCode } from '../../src/kernel/wasm.ts';
import { loadProgram, startWasm, withBytes } from '../../src/kernel/wasm-module.ts';
import { createWasmProver } from '../../src/kernel/wasm-prover.ts';
import { publicValues, witnessValues } from '../../src/kernel/witness-values.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { edgePoints, sumOf } from './edge-points.ts';
import { thorough } from './native.ts';
import { type Group, multiples, pointBytes, randomIntegers, repeatPoints, scalarBytes } from './points.ts';
import { randomCircuit } from './random-circuit.ts';

const codes = (['fma', 'simd'] as const).flatMap((build) => {
  const loaded = loadWasmCode(build);
  if ('code' in loaded) return [loaded.code];
  if (build === 'simd') throw new InternalError(loaded.reason);
  return [];
});
const modules = await Promise.all(
  codes.map(async ({ build, bytes }) => ({ build, wasm: await startWasm(await loadProgram(bytes), () => {}) })),
);
const r = SCALAR_MODULUS;
const random = randomIntegers(41);
const factors = [0n, 1n, -1n, 2n, -2n, 1n, r - 5n, 2n ** 100n, -(2n ** 100n), random() % r];

describe.each(modules)('the build $build', ({ wasm }) => {
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

  test.each([1, 2] as const)('points with limbs of zeros and ones, in group %i', (group: Group) => {
    const edges = edgePoints(group);
    const scalars = edges.map((_, i) => BigInt(1 + (i % 40)));
    const inputs = [Buffer.concat(edges), scalarBytes(scalars), new Uint8Array(pointBytes(group))];
    const total = withBytes(wasm, inputs, (pointsAt, scalarsAt, out) => {
      wasm.call('sumPoints', group, pointsAt, scalarsAt, edges.length, 0, out);
      return wasm.view(out, pointBytes(group)).slice();
    });
    expect(total).toEqual(sumOf(group, edges, scalars));
  });

  test('what was copied in is not left in memory', () => {
    const secret = Uint8Array.from({ length: 1024 }, (_, i) => (i % 255) + 1);
    let at = 0;
    withBytes(wasm, [secret], (address) => {
      at = address;
      expect(wasm.view(address, secret.length).slice()).toEqual(secret);
    });
    // The first words of free memory hold its place in the list of such.
    expect(wasm.view(at + 64, secret.length - 64).every((byte) => byte === 0)).toBe(true);
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

  test('memory is used again', () => {
    const address = wasm.allocate(5_000_000);
    wasm.release(address, 5_000_000);
    for (let i = 0; i < 5; i++) {
      const again = wasm.allocate(5_000_000);
      wasm.release(again, 5_000_000);
      expect(again).toBe(address);
    }
  });
});

const shapes: readonly [rows: number, publicInputs: number][] = [
  [1, 0],
  [40, 3],
  [400, 2],
];
const keys = await Promise.all(
  shapes.map(async ([rows, publicInputs]) => {
    const { system, witness } = randomCircuit(rows, rows, publicInputs);
    const { zkey, verifyingKey } = await createDevelopmentKey(system);
    return { provingKey: new Uint8Array(Buffer.concat(zkey)), verifyingKey, witness };
  }),
);
const [, , { provingKey: key, verifyingKey: circuitKey, witness: circuitWitness }] = keys;

test('both builds make the same proof from the same blinding', () => {
  const values = witnessValues(encodeWtns(circuitWitness));
  const blinding = scalarBytes([random() % r, random() % r]);
  const proofs = modules.map(({ wasm }) => {
    const prover = createWasmProver(wasm);
    wasm.view(prover.reserveKey(key.length), key.length).set(key);
    expect(prover.openKey()).toBe(2);
    return prover.prove(values, blinding);
  });
  const proof = decodeProof(proofs[0]);
  expect(verifyGroth16(circuitKey, publicValues(values, 2), proof)).toBe(true);
  for (const other of proofs) expect(other).toEqual(proofs[0]);
});

describe.each(
  codes.flatMap((code) => (thorough ? [1, 2, 3, 7] : [1, 2]).map((threads) => ({ build: code.build, code, threads }))),
)('the build $build in $threads threads', ({ build, code, threads }) => {
  const kernel = createWasmKernel(code, { threads });
  afterAll(() => kernel.close());

  test('proofs verify, one key after the other', async () => {
    expect(kernel.name).toBe(`wasm-${build}`);
    for (const { provingKey, verifyingKey, witness } of keys) {
      const progress: number[] = [];
      for (let i = 0; i < 2; i++) {
        const onProgress = (fraction: number) => progress.push(fraction);
        await proveGroth16({ kernel, provingKey, verifyingKey, witness, onProgress });
      }
      expect(progress.length).toBeGreaterThan(6);
      expect(progress.at(-1)).toBe(1);
      expect(progress.every((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
    }
  });

  test('calls at the same time wait for each other', async () => {
    const request = { kernel, provingKey: key, verifyingKey: circuitKey, witness: circuitWitness };
    const proved = await Promise.all(Array.from({ length: 3 }, () => proveGroth16(request)));
    expect(new Set(proved.map(({ proof }) => proof.a[0])).size).toBe(3);
  });

  test('a cancelled proof ends with the reason, and the next one is made', async () => {
    const witness = encodeWtns(circuitWitness);
    const reason = new Error('enough');
    const control = new AbortController();
    const onProgress = () => control.abort(reason);
    await expect(kernel.prove({ provingKey: key, witness, signal: control.signal, onProgress })).rejects.toBe(reason);
    await expect(kernel.prove({ provingKey: key, witness, signal: control.signal })).rejects.toBe(reason);
    await kernel.prove({ provingKey: key, witness });
  });

  test('multiples of a point agree with the oracle', async () => {
    const scalars = [0n, 1n, r - 1n, 7n];
    const request = { group: 2, base: multiples(2, [5n]), scalars: scalarBytes(scalars) } as const;
    expect(await kernel.multiplyBase?.(request)).toEqual(
      multiples(
        2,
        scalars.map((scalar) => 5n * scalar),
      ),
    );
  });

  test('closed threads start again when needed', async () => {
    await kernel.close();
    await kernel.prove({ provingKey: key, witness: encodeWtns(circuitWitness) });
  });
});

test('damaged keys and witnesses are refused', async () => {
  const kernel = createWasmKernel(codes[0], { threads: 2 });
  const [, { provingKey, witness }] = keys;
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
  await kernel.close();
});

test('a key that 32-bit addresses cannot reach is refused before it is read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-wasm-'));
  const kernel = createWasmKernel(codes[0], { threads: 1 });
  const [, { provingKey, witness, verifyingKey }] = keys;
  const path = join(folder, 'huge.zkey');
  await writeFile(path, provingKey);
  for (const size of [2 ** 32, 2 ** 32 + 64]) {
    // Sparse: it takes no space.
    await truncate(path, size);
    await expect(kernel.prove({ provingKey: path, witness: encodeWtns(witness) })).rejects.toThrow('not enough memory');
  }
  await proveGroth16({ kernel, provingKey, verifyingKey, witness });
  await kernel.close();
  await rm(folder, { recursive: true });
});
