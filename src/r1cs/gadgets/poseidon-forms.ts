import { invert, multiply, type Scalar, subtract, toScalar } from '../../field/bn254.ts';
import { boxCount, boxesIn, dot, partialRounds, poseidonParameters, rounds, stateWords } from '../../field/poseidon.ts';

/**
 * Linear form over the variables of one permutation: variable s < `boxCount` is the input of S-box s, variable
 * `boxCount` + i is word i of the result.
 */
export interface Form {
  readonly coefficients: readonly Scalar[];
  readonly constant: Scalar;
}

let known: readonly Form[] | undefined;

/**
 * What each S-box gives, as a form over the inputs of later S-boxes and the result.
 *
 * The words before the matrix are M⁻¹ times the words after it, and those are the inputs of the next round less its
 * constants. Where a word of the next round passes an S-box, its input is a variable; where it does not, it is itself a
 * word before the next matrix, and so on until a full round or the result, where all words are variables. So in partial
 * rounds, where 16 words pass unchanged, no word but the first ever needs a variable.
 */
export function boxForms(): readonly Form[] {
  known ??= deriveForms();
  return known;
}

function deriveForms(): readonly Form[] {
  const weights = invertMatrix(poseidonParameters().matrix);
  const passed = weights.map((row) => partialWeights(row, weights));
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    Array.from({ length: boxesIn(round) }, (_, box) => formOf(passed[box], round)),
  );
}

/** What a word before a matrix weighs the words after it with, then those after the next matrix, and so on. */
function partialWeights(row: readonly Scalar[], inverse: readonly (readonly Scalar[])[]): Scalar[][] {
  const steps = [[...row]];
  for (let step = 0; step < partialRounds; step++) {
    const unchanged = steps[step].with(0, toScalar(0));
    steps.push(inverse.map((_, word) => dot(unchanged, column(inverse, word))));
  }
  return steps;
}

function formOf(weights: readonly (readonly Scalar[])[], round: number): Form {
  const { constants } = poseidonParameters();
  const coefficients = Array.from({ length: boxCount + stateWords }, () => toScalar(0));
  let constant = toScalar(0);
  let first = Array.from({ length: round + 1 }, (_, r) => boxesIn(r)).reduce((sum, boxes) => sum + boxes, 0);
  for (const [step, row] of weights.entries()) {
    const next = round + 1 + step;
    const variables = next < rounds ? boxesIn(next) : stateWords;
    for (let word = 0; word < variables; word++) coefficients[first + word] = row[word];
    if (next < rounds) constant = subtract(constant, dot(row, constants[next]));
    if (variables === stateWords) break;
    first += variables;
  }
  return { coefficients, constant };
}

function column(matrix: readonly (readonly Scalar[])[], at: number): Scalar[] {
  return matrix.map((row) => row[at]);
}

/** Gauss–Jordan elimination; the matrix is invertible, as every Cauchy matrix is. */
function invertMatrix(matrix: readonly (readonly Scalar[])[]): Scalar[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => toScalar(i === j ? 1 : 0))]);
  for (let pivot = 0; pivot < size; pivot++) {
    const at = rows.findIndex((row, i) => i >= pivot && row[pivot] !== 0n);
    [rows[pivot], rows[at]] = [rows[at], rows[pivot]];
    const scale = invert(rows[pivot][pivot]);
    rows[pivot] = rows[pivot].map((value) => multiply(value, scale));
    for (const [i, row] of rows.entries()) {
      const factor = row[pivot];
      if (i === pivot || factor === 0n) continue;
      rows[i] = row.map((value, j) => subtract(value, multiply(factor, rows[pivot][j])));
    }
  }
  return rows.map((row) => row.slice(size));
}
