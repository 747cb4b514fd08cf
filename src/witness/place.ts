import { invertMany, multiply, type Scalar, toScalar } from '../field/bn254.ts';
import { commit, commitmentWord } from '../field/commitment.ts';
import { stateWords } from '../field/poseidon.ts';
import { type BigScalars, resolve } from '../field/vector.ts';
import type { BitsHint, CommitHint, InverseHint, PackHint, Placement } from '../r1cs/hints.ts';
import { packLanes } from '../tensor/lanes.ts';

/** Copies what a placement says from a column into wires. */
export function place(hint: Placement, column: Float64Array, entries: Float64Array, big: BigScalars): void {
  switch (hint.kind) {
    case 'copy':
      entries.set(column, hint.first);
      return;
    case 'bits':
      placeBits(hint, column, entries);
      return;
    case 'inverse':
      placeInverses(hint, column, entries, big);
      return;
    case 'pack':
      placeWords(hint, column, entries, big);
      return;
    case 'commit':
      placeCommitment(hint, column, entries, big);
      return;
  }
}

const wordSize = 2 ** 32;

function placeBits({ first, from, offset, widths }: BitsHint, column: Float64Array, entries: Float64Array): void {
  let wire = first;
  for (let i = 0; i < column.length; i++) {
    const t = column[i] + offset[i];
    const high = Math.floor(t / wordSize);
    const low = t - high * wordSize;
    const width = widths[i];
    const middle = Math.min(width, 32);
    for (let k = from; k < middle; k++) entries[wire++] = (low >>> k) & 1;
    for (let k = Math.max(from, 32); k < width; k++) entries[wire++] = (high >>> (k - 32)) & 1;
  }
}

function placeInverses({ first }: InverseHint, column: Float64Array, entries: Float64Array, big: BigScalars): void {
  const inverses = invertMany(Array.from(column, toScalar));
  for (let i = 0; i < inverses.length; i++) entries[first + i] = big.entry(inverses[i]);
}

function placeWords({ first, packing }: PackHint, column: Float64Array, entries: Float64Array, big: BigScalars): void {
  for (const [i, word] of packLanes(packing, column).entries()) entries[first + i] = big.entry(toScalar(word));
}

/** In the order that `constrainCommitment` states. */
function placeCommitment(
  { packing, first, salt, commitment }: CommitHint,
  column: Float64Array,
  entries: Float64Array,
  big: BigScalars,
): void {
  let [wire, box] = [first, 0];
  const put = (value: Scalar): void => {
    entries[wire++] = big.entry(value);
  };
  const form = { ...packing, elements: packing.size };
  const result = commit(form, packLanes(packing, column), resolve(entries[salt], big.values), {
    onBox(input) {
      if (box++ >= stateWords) put(input);
      const square = multiply(input, input);
      put(square);
      put(multiply(square, square));
    },
    onFinal(state) {
      for (const [i, word] of state.entries()) if (i !== commitmentWord) put(word);
    },
  });
  entries[commitment] = big.entry(result);
}
