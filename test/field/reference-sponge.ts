import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * The sponge of docs/commitments.md, written again over the permutation of poseidon-lite with its own constants. That
 * permutation starts with a capacity of 0; adding the capacity to the first constant starts it with another.
 */
const order = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

interface Constants {
  readonly C: readonly bigint[];
  readonly M: readonly (readonly bigint[])[];
}
type Permutation = (inputs: readonly bigint[], constants: Constants, outputs: number) => bigint[];

const require = createRequire(import.meta.url);
const inside = (path: string): string =>
  fileURLToPath(new URL(`../../node_modules/poseidon-lite/${path}`, import.meta.url));
const permutation: Permutation = require(inside('poseidon/index.js'));
const { default: decode }: { default: (constants: unknown) => Constants } = require(inside('poseidon/unstringify.js'));
const constants = decode(require(inside('constants/16.js')).default);

export function referencePermutation([capacity, ...rate]: readonly bigint[]): bigint[] {
  const [first, ...others] = constants.C;
  return permutation(rate, { C: [first + capacity, ...others], M: constants.M }, 17);
}

export interface ReferenceForm {
  readonly elements: number;
  readonly laneBytes: number;
  readonly lo: bigint;
  readonly hi: bigint;
}

export function referenceCommitment(form: ReferenceForm, words: readonly bigint[], salt: bigint): bigint {
  const hex = (value: bigint, bytes: number): string =>
    BigInt.asUintN(8 * bytes, value)
      .toString(16)
      .padStart(2 * bytes, '0');
  const tag = `0x766f7563682d6331${hex(BigInt(form.laneBytes), 1)}${hex(BigInt(form.elements), 4)}${hex(form.lo, 8)}`;
  let state = [BigInt(`${tag}${hex(form.hi - form.lo, 8)}`), ...new Array<bigint>(16).fill(0n)];
  const absorbed = [salt, ...words];
  while (absorbed.length > 0) {
    const block = absorbed.splice(0, 16);
    state = referencePermutation(state.map((word, i) => (i === 0 ? word : (word + (block[i - 1] ?? 0n)) % order)));
  }
  return state[1];
}
