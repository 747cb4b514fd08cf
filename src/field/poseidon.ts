import { multiply, SCALAR_MODULUS, type Scalar, toScalar } from './bn254.ts';
import { derivePoseidon, type PoseidonParameters } from './grain.ts';

/**
 * The Poseidon permutation on 17 words of BN254's scalar field, with the parameters of circomlib: 8 full rounds, of which
 * half come first, and 68 partial rounds between them, in which only word 0 passes the S-box x⁵. A round adds constants,
 * applies S-boxes and multiplies by the matrix.
 */
export const stateWords = 17;
export const fullRounds = 8;
export const partialRounds = 68;
export const rounds = fullRounds + partialRounds;

/** S-boxes of one permutation. */
export const boxCount = stateWords * fullRounds + partialRounds;

let parameters: PoseidonParameters | undefined;

/** Derived once per process: some 30 ms. */
export function poseidonParameters(): PoseidonParameters {
  parameters ??= derivePoseidon(stateWords, fullRounds, partialRounds);
  return parameters;
}

/** Words of the state that pass the S-box in a round, from word 0 on. */
export function boxesIn(round: number): number {
  return round < fullRounds / 2 || round >= fullRounds / 2 + partialRounds ? stateWords : 1;
}

/** The permutation; `onBox` sees the input of every S-box, round by round and word by word. */
export function permute(state: readonly Scalar[], onBox?: (input: Scalar) => void): Scalar[] {
  const { constants, matrix } = poseidonParameters();
  let words = [...state];
  for (let round = 0; round < rounds; round++) {
    const boxes = boxesIn(round);
    words = words.map((word, i) => {
      const input = toScalar(word + constants[round][i]);
      if (i >= boxes) return input;
      onBox?.(input);
      return fifthPower(input);
    });
    words = matrix.map((row) => dot(row, words));
  }
  return words;
}

/** Σ leftᵢ·rightᵢ, reduced once. */
export function dot(left: readonly Scalar[], right: readonly Scalar[]): Scalar {
  let sum = 0n;
  for (let i = 0; i < left.length; i++) sum += left[i] * right[i];
  return toScalar(sum);
}

function fifthPower(x: Scalar): Scalar {
  const square = multiply(x, x);
  return toScalar(((square * square) % SCALAR_MODULUS) * x);
}
