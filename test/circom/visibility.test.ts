import { expect, test } from 'vitest';
import { emitCircom } from '../../src/circom/program.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { BigScalars, elementAt, type FieldVector } from '../../src/field/vector.ts';
import { createQBuilder } from '../../src/quant/builder.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { findUnsatisfied } from '../../src/r1cs/check.ts';
import { publicCount } from '../../src/r1cs/system.ts';
import type { InputVisibility, OutputVisibility } from '../../src/tensor/visibility.ts';
import { referenceCommitment } from '../field/reference-sponge.ts';
import { Random } from '../r1cs/lower/random.ts';
import { bothRoutes, expectSameWitness, productRows, type Routes, salts } from './agree.ts';
import { compileCircom } from './compiler.ts';

/** y = 3a − 2b for inputs a and b of `size` elements. */
function make(size: number, bits: number, a: InputVisibility, b: InputVisibility, y: OutputVisibility): QGraph {
  const q = createQBuilder();
  q.from({ node: 'under_test', op: 'Test' });
  const shape = [size];
  const input = (name: string, visibility: InputVisibility): number =>
    q.push({ kind: 'input', inputs: [], name, shape, scale: 1, zero: 0, lo: -5, bits, visibility });
  const inputs = [input('a', a), input('b', b)];
  const node = q.push({ kind: 'add', inputs, shape, scale: 1, coefficients: [3, -2] });
  return q.finish([{ name: 'y', node, visibility: y }]);
}

test.each([
  [40, 3, 'public', 'private', 'public'],
  [40, 3, 'hashed', 'public', 'hashed'],
  [500, 1, 'private', 'hashed', 'public'],
] as const)('%s elements of %s bits: a %s, b %s, y %s', async (size, bits, a, b, y) => {
  const graph = make(size, bits, a, b, y);
  const routes = bothRoutes(graph);
  const { ours, circom } = routes;
  expect(productRows(circom.system)).toBe(productRows(ours.system));
  // With a commitment the elimination of its dense sums takes minutes.
  if (ours.hints.salts.length === 0) {
    const reduced = compileCircom(emitCircom(graph, analyseRanges(graph)), 'O2');
    expect(reduced.system.rows).toBe(productRows(ours.system));
  }
  const { outputs, publicInputs } = ours.system;
  expect(circom.system).toMatchObject({ outputs, publicInputs });
  const random = new Random(4);
  const values = (): Float64Array => random.ints(size, -5, -5 + 2 ** bits - 1);
  const inputs = new Map([
    ['a', values()],
    ['b', values()],
  ]);
  const witness = await expectSameWitness(routes, inputs, 'honest');
  if (b === 'hashed') {
    const form = { elements: size, laneBytes: 1, lo: -5n, hi: 2n ** BigInt(bits) - 6n };
    const bytes = Array.from(inputs.get('b') ?? [], (v) => BigInt(v + 5));
    const words = Array.from({ length: Math.ceil(size / 31) }, (_, w) =>
      Array.from({ length: 31 }, (_, i) => bytes[31 * w + i] ?? 0n).reduce((sum, byte) => 256n * sum + byte, 0n),
    );
    expect(elementAt(witness.circom, outputs + 2)).toBe(referenceCommitment(form, words, salts[0]));
  }
  expectLiesRejected(routes, witness.circom);
});

/** No public signal, and no wire that the prover chooses, can hold another value alone. */
function expectLiesRejected({ circom: { system } }: Routes, honest: FieldVector): void {
  const random = new Random(9);
  const count = publicCount(system);
  const first = 1 + count + system.privateInputs;
  for (let told = 0; told < count + 100; told++) {
    const wire = told < count ? 1 + told : random.int(first, system.wires - 1);
    const big = new BigScalars();
    for (const known of honest.big) big.entry(known);
    const entries = honest.entries.with(wire, big.entry(toScalar(elementAt(honest, wire) + 1n)));
    expect(findUnsatisfied(system, { entries, big: big.values }), `wire ${wire}`).toBeDefined();
  }
}
