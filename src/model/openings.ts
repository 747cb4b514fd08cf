import { VouchError } from '../errors.ts';
import { randomScalar, type Scalar } from '../field/bn254.ts';
import { commit } from '../field/commitment.ts';
import { elementAt, type FieldVector } from '../field/vector.ts';
import type { PublishedInput, PublishedOutput } from '../r1cs/interface.ts';
import { packLanes } from '../tensor/lanes.ts';
import type { Opening } from '../verify/opening.ts';
import type { Model } from './model.ts';

/** What opens the commitments that a solved witness publishes. `values` are the integers it was solved from. */
export function openingsOf(
  { circuit: { outputs, inputs } }: Pick<Model, 'circuit'>,
  values: readonly Float64Array[],
  witness: FieldVector,
): Opening[] {
  const open = (kind: Opening['kind'], { name, node, signal, salt }: PublishedInput | PublishedOutput): Opening[] => {
    if (salt === undefined) return [];
    const integers = Array.from(values[node], BigInt);
    return [{ kind, name, commitment: elementAt(witness, signal), salt: elementAt(witness, salt), integers }];
  };
  return [...outputs.flatMap((output) => open('output', output)), ...inputs.flatMap((input) => open('input', input))];
}

/** The salt of every hashed tensor: that of the commitment made before, where there is one, else a fresh one. */
export function saltsOf(
  { circuit: { hints, inputs } }: Pick<Model, 'circuit'>,
  values: readonly Float64Array[],
  openings: readonly Opening[],
): Scalar[] {
  const given = new Map<number, Scalar>();
  for (const { kind, name, integers, salt, commitment } of openings) {
    const input = kind === 'input' ? inputs.find((own) => own.name === name) : undefined;
    if (input?.salt === undefined) throw new UselessOpeningError(kind, name);
    const own = values[input.node];
    const same = own.length === integers.length && integers.every((q, i) => BigInt(own[i]) === q);
    const form = { ...input, elements: input.size };
    if (!same || commit(form, packLanes(input, own), salt) !== commitment) throw new OtherCommittedInputError(name);
    given.set(input.salt, salt);
  }
  return hints.salts.map((wire) => given.get(wire) ?? randomScalar());
}

/** A commitment was made to something that the model does not hash, or only computes. */
export class UselessOpeningError extends VouchError {
  override readonly name = 'UselessOpeningError';

  constructor(kind: string, name: string) {
    super(`The opening is of ${kind} "${name}", which is no hashed input of this model.`, {
      metaMessages: ['Make one with: vouch commit <dir> -i input.json -o opening.json'],
    });
  }
}

/** The proof would publish another commitment than the one made before. */
export class OtherCommittedInputError extends VouchError {
  override readonly name = 'OtherCommittedInputError';

  constructor(name: string) {
    super(`The input "${name}" is not the one that was committed to.`, {
      metaMessages: ['Prove the sample that the opening was made of, or prove without it to commit anew.'],
    });
  }
}
