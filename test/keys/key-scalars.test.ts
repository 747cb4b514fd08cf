import { describe, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { createNativeKernel } from '../../src/kernel/native.ts';
import { loadCurveCode } from '../../src/keys/curve-code.ts';
import { evaluateWithKernel } from '../../src/keys/key-scalars.ts';
import { evaluateKey } from '../../src/keys/qap.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import type { System } from '../../src/r1cs/system.ts';
import { addon, reason, variants } from '../kernel/native.ts';
import { randomIntegers } from '../kernel/points.ts';
import { randomCircuit } from '../kernel/random-circuit.ts';

const random = randomIntegers(71);
const secrets = {
  tau: toScalar(random()),
  alpha: toScalar(random()),
  beta: toScalar(random()),
  gamma: toScalar(random()),
  delta: toScalar(random()),
};

/** Coefficients of every kind: ±1, small, the largest exact integers, and elements that no double holds. */
function manyCoefficients(): System {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 2, privateInputs: 0 });
  const wires = builder.allocateWires(40, 0);
  for (let row = 0; row < 150; row++) {
    const wire = wires + (row % 40);
    builder.a.add(wire, [1, -1, 3, -77, 2 ** 53 - 1, 1 - 2 ** 53][row % 6]);
    builder.b.addScalar(wire, toScalar(random()));
    if (row % 3 > 0) builder.b.add(0, -row - 1);
    builder.c.addScalar(row % 4, toScalar(-(2n ** 53n) - BigInt(row % 2)));
    builder.closeRow(0);
  }
  return builder.finish();
}

describe.skipIf(addon === undefined).each(variants)(`scalars of a key by kernel %s ${reason}`, (variant) => {
  if (addon === undefined) return;
  const kernel = createNativeKernel(addon, { variant, threads: 2 });

  test.each([
    ['one row', randomCircuit(1, 1, 0).system],
    ['300 rows', randomCircuit(2, 300, 5).system],
    ['2500 rows', randomCircuit(4, 2500, 1).system],
    ['coefficients of every kind', manyCoefficients()],
  ])('%s: as JavaScript computes them', async (_name, system) => {
    const fractions: number[] = [];
    const options = { onProgress: (fraction: number) => fractions.push(fraction) };
    const found = await evaluateWithKernel(required(), system, secrets, options);
    const expected = await evaluateKey((await loadCurveCode()).code, system, secrets);
    for (const part of ['a', 'b', 'c', 'h'] as const) {
      expect(Buffer.from(bytesOf(found[part])).equals(Buffer.from(bytesOf(expected[part]))), part).toBe(true);
    }
    expect(fractions.at(-1)).toBe(1);
  });

  test('a circuit that contradicts itself is refused, whatever is wrong', async () => {
    const { system } = randomCircuit(3, 50, 2);
    const damaged = (change: (side: System['a']) => void): System => {
      const side = {
        rowPtr: system.b.rowPtr.slice(),
        wire: system.b.wire.slice(),
        coefficient: system.b.coefficient.slice(),
      };
      change(side);
      return { ...system, b: side };
    };
    const wrong = [
      damaged(({ rowPtr }) => rowPtr.fill(0xffffffff, 3)),
      damaged(({ wire }) => wire.fill(system.wires, 5, 6)),
      ...[2 ** 53 + 2 * system.big.length, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 53), 1e300].map((value) =>
        damaged(({ coefficient }) => coefficient.fill(value, 7, 8)),
      ),
    ];
    for (const circuit of wrong)
      await expect(evaluateWithKernel(required(), circuit, secrets)).rejects.toThrow('stands for nothing');
    const short = damaged(() => {});
    const cut = { ...short, b: { ...short.b, wire: short.b.wire.subarray(1) } };
    await expect(evaluateWithKernel(required(), cut, secrets)).rejects.toThrow(TypeError);
  });

  test('it can be cancelled', async () => {
    const { system } = randomCircuit(4, 2500, 1);
    const reason = new Error('stop');
    const signal = AbortSignal.abort(reason);
    await expect(evaluateWithKernel(required(), system, secrets, { signal })).rejects.toBe(reason);
  });

  function required() {
    const { evaluateKey: evaluate } = kernel;
    if (evaluate === undefined) throw new Error('the native kernel evaluates keys');
    return evaluate;
  }
});

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
