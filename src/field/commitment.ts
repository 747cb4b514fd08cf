import { bytesToHex } from '@noble/hashes/utils.js';
import { add, type Scalar, toScalar } from './bn254.ts';
import { permute, stateWords } from './poseidon.ts';

/** What a commitment is to, beside the integers: their number, and the lanes they are packed in (tensor/lanes.ts). */
export interface CommittedForm {
  readonly elements: number;
  readonly laneBytes: number;
  readonly lo: number;
  readonly hi: number;
}

/** Words that one permutation absorbs. */
export const spongeRate = stateWords - 1;

/** The word of the state that is the commitment: the first of the rate. */
export const commitmentWord = 1;

/** Permutations that absorb the salt and then `words` words. */
export function permutationsFor(words: number): number {
  return Math.ceil((words + 1) / spongeRate);
}

/**
 * Where the sponge's capacity starts: "vouch-c1", bytes of a lane (8 bits), elements (32), lo (64, two's complement) and
 * hi − lo (64), as one big-endian number of 29 bytes. It tells lengths and packings apart, so that words need no padding
 * but zeros.
 */
export function domainTag({ elements, laneBytes, lo, hi }: CommittedForm): Scalar {
  let tag = BigInt(`0x${bytesToHex(new TextEncoder().encode('vouch-c1'))}`);
  tag = (tag << 8n) | BigInt(laneBytes);
  tag = (tag << 32n) | BigInt(elements);
  tag = (tag << 64n) | BigInt.asUintN(64, BigInt(lo));
  return toScalar((tag << 64n) | BigInt(hi - lo));
}

/**
 * The commitment to packed words under a salt: a sponge over Poseidon with word 0 as its capacity, see
 * docs/commitments.md. `onBox` sees the input of every S-box.
 */
export function commit(
  form: CommittedForm,
  words: readonly bigint[],
  salt: Scalar,
  { onBox, onFinal }: CommitTrace = {},
): Scalar {
  let state = Array.from({ length: stateWords }, (_, i) => (i === 0 ? domainTag(form) : toScalar(0)));
  const absorbed = [salt, ...words.map(toScalar)];
  for (let start = 0; start < absorbed.length; start += spongeRate) {
    const block = absorbed.slice(start, start + spongeRate);
    state = permute(
      state.map((word, i) => (i > 0 && i <= block.length ? add(word, block[i - 1]) : word)),
      onBox,
    );
  }
  onFinal?.(state);
  return state[commitmentWord];
}

/** What a prover has to know of a commitment beside the result. */
export interface CommitTrace {
  readonly onBox?: (input: Scalar) => void;
  readonly onFinal?: (state: readonly Scalar[]) => void;
}
