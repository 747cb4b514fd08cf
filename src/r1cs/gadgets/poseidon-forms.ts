import { invert, multiply, type Scalar, subtract, toScalar } from '../../field/bn254.ts';
import { boxCount, boxesIn, dot, poseidonParameters, rounds, stateWords } from '../../field/poseidon.ts';

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
 * Going back from the result, the words before the matrix are M⁻¹ times the words after it. A word that an S-box gave is
 * that S-box's form, and before the S-box its input, a variable. Any other word is the same before and after. So in
 * partial rounds, where 16 words pass unchanged, no word but the first ever needs a variable.
 */
export function boxForms(): readonly Form[] {
  known ??= deriveForms();
  return known;
}

function deriveForms(): readonly Form[] {
  const { constants, matrix } = poseidonParameters();
  const inverse = invertMatrix(matrix);
  const forms: Form[] = [];
  let first = boxCount;
  let state = Array.from({ length: stateWords }, (_, i) => variable(boxCount + i));
  for (let round = rounds - 1; round >= 0; round--) {
    const boxes = boxesIn(round);
    first -= boxes;
    const before = inverse.map((row) => combine(row, state, first));
    for (let i = 0; i < boxes; i++) {
      forms[first + i] = before[i];
      before[i] = variable(first + i);
    }
    state = before.map(({ coefficients, constant }, i) => {
      return { coefficients, constant: subtract(constant, constants[round][i]) };
    });
  }
  return forms;
}

function variable(index: number): Form {
  const coefficients = Array.from({ length: boxCount + stateWords }, (_, i) => toScalar(i === index ? 1 : 0));
  return { coefficients, constant: toScalar(0) };
}

/** Σ weightᵢ·formᵢ, for forms whose variables before `first` are absent. */
function combine(weights: readonly Scalar[], forms: readonly Form[], first: number): Form {
  const coefficients = [...forms[0].coefficients];
  for (let v = first; v < coefficients.length; v++) {
    let sum = 0n;
    for (let i = 0; i < weights.length; i++) sum += weights[i] * forms[i].coefficients[v];
    coefficients[v] = toScalar(sum);
  }
  return {
    coefficients,
    constant: dot(
      weights,
      forms.map((form) => form.constant),
    ),
  };
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
