import { type Scalar, toScalar } from '../../field/bn254.ts';
import { type CommittedForm, commitmentWord, domainTag, permutationsFor, spongeRate } from '../../field/commitment.ts';
import { boxCount, poseidonParameters, stateWords } from '../../field/poseidon.ts';
import type { SystemBuilder } from '../builder.ts';
import type { Side } from '../side.ts';
import { boxForms, type Form } from './poseidon-forms.ts';

/** Wires of a commitment; `words` of them hold the packed tensor, from `firstWord` on. */
export interface CommitmentWires {
  readonly form: CommittedForm;
  readonly salt: number;
  readonly firstWord: number;
  readonly words: number;
  readonly commitment: number;
}

/**
 * Proves that `commitment` is the commitment to the words under the salt, as field/commitment.ts computes it. Every S-box
 * has three rows, x·x = x², x²·x² = x⁴ and x⁴·x = the form of its result over the inputs of later S-boxes
 * (poseidon-forms.ts), so that A and B hold single wires and every dense expression stands once, on the C side. Inputs
 * of S-boxes are wires, except those of the first round, which are an absorbed wire plus a constant; what leaves the
 * last permutation is the commitment and 16 wires. Rows: 612 per permutation.
 *
 * Sound and unique: read the words of the state back from the result, as the forms do. Between two rounds the words are
 * by definition M times those before, plus constants; a word that passed no S-box is the same before and after; and a
 * word that passed one is the fifth power of a variable by the three rows. So the words of the state are those of the
 * permutation, started from what was absorbed: M is invertible and x⁵ a function, hence every wire is forced.
 *
 * Returns the first of the wires in the order in which an honest prover finds them: for every S-box its input (unless it
 * is of the first round), x² and x⁴; then the words of the last state but the commitment.
 */
export function constrainCommitment(system: SystemBuilder, wires: CommitmentWires, origin: number): number {
  const permutations = permutationsFor(wires.words);
  const first = system.allocateWires(3 * boxCount * permutations - 1, origin);
  const sponge = new SpongeWires(wires, first, permutations);
  const forms = boxForms();
  for (let p = 0; p < permutations; p++) {
    for (let box = 0; box < boxCount; box++) {
      const square = sponge.square(p, box);
      sponge.input(system.a, p, box);
      sponge.input(system.b, p, box);
      system.c.add(square, 1);
      system.closeRow(origin);
      system.a.add(square, 1);
      system.b.add(square, 1);
      system.c.add(square + 1, 1);
      system.closeRow(origin);
      system.a.add(square + 1, 1);
      sponge.input(system.b, p, box);
      sponge.form(system.c, p, forms[box]);
      system.closeRow(origin);
    }
  }
  return first;
}

/** Where the values of a sponge stand among the wires. */
class SpongeWires {
  readonly #wires: CommitmentWires;
  readonly #first: number;
  readonly #permutations: number;
  readonly #constants: readonly Scalar[];

  constructor(wires: CommitmentWires, first: number, permutations: number) {
    this.#wires = wires;
    this.#first = first;
    this.#permutations = permutations;
    [this.#constants] = poseidonParameters().constants;
  }

  /** Wire of x²; that of x⁴ follows it, and that of x, where it has one, precedes it. */
  square(permutation: number, box: number): number {
    const own = permutation === 0 && box < stateWords ? box : stateWords - 1;
    return this.#first + 3 * (boxCount * permutation + box) - own;
  }

  input(side: Side, permutation: number, box: number): void {
    if (permutation > 0 || box >= stateWords) {
      side.add(this.square(permutation, box) - 1, 1);
      return;
    }
    side.addScalar(0, this.#constants[box]);
    if (box === 0) side.addScalar(0, domainTag(this.#wires.form));
    const absorbed = this.#absorbed(0, box);
    if (absorbed !== undefined) side.add(absorbed, 1);
  }

  form(side: Side, permutation: number, { coefficients, constant }: Form): void {
    side.addScalar(0, constant);
    for (let v = 0; v < boxCount; v++) {
      if (coefficients[v] !== 0n) side.addScalar(this.square(permutation, v) - 1, coefficients[v]);
    }
    for (let word = 0; word < stateWords; word++) {
      const coefficient = coefficients[boxCount + word];
      if (coefficient !== 0n) this.#result(side, permutation, word, coefficient);
    }
  }

  /** A word that leaves a permutation: its own wire at the end, else what enters the next one less what it absorbs. */
  #result(side: Side, permutation: number, word: number, factor: Scalar): void {
    if (permutation === this.#permutations - 1) {
      side.addScalar(this.#last(word), factor);
      return;
    }
    side.addScalar(this.square(permutation + 1, word) - 1, factor);
    side.addScalar(0, toScalar(-factor * this.#constants[word]));
    const absorbed = this.#absorbed(permutation + 1, word);
    if (absorbed !== undefined) side.addScalar(absorbed, toScalar(-factor));
  }

  #last(word: number): number {
    if (word === commitmentWord) return this.#wires.commitment;
    const end = this.#first + 3 * boxCount * this.#permutations - stateWords;
    return word < commitmentWord ? end + word : end + word - 1;
  }

  /** The wire that a permutation absorbs into a word, if any. */
  #absorbed(permutation: number, word: number): number | undefined {
    if (word === 0) return undefined;
    const { salt, firstWord, words } = this.#wires;
    const at = permutation * spongeRate + word - 1;
    if (at === 0) return salt;
    return at <= words ? firstWord + at - 1 : undefined;
  }
}
