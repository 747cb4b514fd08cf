import { expect, test } from 'vitest';
import { toScalar } from '../../../src/field/bn254.ts';
import { elementAt } from '../../../src/field/vector.ts';
import { createQBuilder } from '../../../src/quant/builder.ts';
import { interpret } from '../../../src/quant/interpret.ts';
import { analyseRanges } from '../../../src/quant/ranges.ts';
import { lower } from '../../../src/r1cs/lower.ts';
import { solve } from '../../../src/witness/solve.ts';

interface Sealed {
  readonly values: readonly number[];
  readonly salt: bigint;
  readonly lo?: number;
  readonly bits?: number;
}

/** The commitment that a circuit publishes for its only, hashed input. */
function commitmentTo({ values, salt, lo = -8, bits = 4 }: Sealed): bigint {
  const q = createQBuilder();
  const shape = [values.length];
  const common = { inputs: [], shape, scale: 1, zero: 0, lo, bits } as const;
  const x = q.push({ ...common, kind: 'input', name: 'x', visibility: 'hashed' });
  const y = q.push({ kind: 'add', inputs: [x], shape, scale: 1, coefficients: [1] });
  const graph = q.finish([{ name: 'y', node: y }]);
  const circuit = lower(graph, analyseRanges(graph));
  const [input] = circuit.inputs;
  const integers = interpret(graph, new Map([['x', Float64Array.from(values)]]));
  return elementAt(solve(circuit.hints, integers, toScalar(1n), [toScalar(salt)]), input.signal);
}

test('unsalted commitments: what is committed to cannot be found by trying all of it', () => {
  const tried = Array.from({ length: 16 }, (_, i) => commitmentTo({ values: [i - 8], salt: 0n }));
  expect(new Set(tried).size).toBe(16);
  expect(tried).not.toContain(commitmentTo({ values: [3], salt: 2n ** 200n }));
});

test('Poseidon of x and of (x, 0): lengths, bounds and lanes are part of what is committed to', () => {
  const salt = 12345n;
  const commitments = [
    { values: [-8], salt },
    { values: [-8, -8], salt },
    { values: [-8, -8, -8], salt },
    { values: [0], salt, lo: 0 },
    { values: [-8], salt, bits: 5 },
    { values: [-8], salt, bits: 9 },
  ].map(commitmentTo);
  expect(new Set(commitments).size).toBe(commitments.length);
});
