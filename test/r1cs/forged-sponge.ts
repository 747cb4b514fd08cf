import { SCALAR_MODULUS, type Scalar, toScalar } from '../../src/field/bn254.ts';
import { domainTag } from '../../src/field/commitment.ts';
import { boxesIn, poseidonParameters, rounds, stateWords } from '../../src/field/poseidon.ts';
import { BigScalars, elementAt, type FieldVector } from '../../src/field/vector.ts';
import type { CommitHint } from '../../src/r1cs/hints.ts';

/** A witness with some wires changed. */
export function withWires(
  witness: FieldVector,
  changes: Iterable<readonly [wire: number, value: bigint]>,
): FieldVector {
  const big = new BigScalars();
  for (const value of witness.big) big.entry(value);
  const entries = witness.entries.slice();
  for (const [wire, value] of changes) entries[wire] = big.entry(toScalar(value));
  return { entries, big: big.values };
}

/**
 * The wires of a commitment, computed again from the words and the salt of a witness. The `at`-th of them is off by `by`
 * and everything after it is computed from that, the commitment included.
 */
export function forgeSponge(
  witness: FieldVector,
  { first, packing, salt, commitment }: CommitHint,
  lie: { readonly at: number; readonly by: bigint } = { at: -1, by: 0n },
): FieldVector {
  const { constants, matrix } = poseidonParameters();
  const values: bigint[] = [];
  const put = (value: bigint): bigint => {
    const told = values.length === lie.at ? value + lie.by : value;
    values.push(told % SCALAR_MODULUS);
    return told % SCALAR_MODULUS;
  };
  const words = Array.from({ length: packing.words }, (_, w) => elementAt(witness, first - packing.words + w));
  const absorbed: Scalar[] = [elementAt(witness, salt), ...words];
  let state: bigint[] = [
    domainTag({ ...packing, elements: packing.size }),
    ...new Array<bigint>(stateWords - 1).fill(0n),
  ];
  let boxes = 0;
  while (absorbed.length > 0) {
    const block = absorbed.splice(0, stateWords - 1);
    state = state.map((word, i) => word + (i === 0 ? 0n : (block[i - 1] ?? 0n)));
    for (let round = 0; round < rounds; round++) {
      const passed = state.map((word, i) => {
        const input = (word + constants[round][i]) % SCALAR_MODULUS;
        if (i >= boxesIn(round)) return input;
        const x = boxes++ < stateWords ? input : put(input);
        const square = put(x * x);
        return (put(square * square) * x) % SCALAR_MODULUS;
      });
      state = matrix.map((row) => row.reduce((sum, m, j) => sum + m * passed[j], 0n) % SCALAR_MODULUS);
    }
  }
  const [capacity, result, ...others] = state;
  for (const word of [capacity, ...others]) put(word);
  return withWires(witness, [...values.map((value, i) => [first + i, value] as const), [commitment, result]]);
}
