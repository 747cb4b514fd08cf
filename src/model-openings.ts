import { elementAt, type FieldVector } from './field/vector.ts';
import type { Model } from './model.ts';
import type { PublishedInput, PublishedOutput } from './r1cs/interface.ts';
import type { Opening } from './verify/opening.ts';

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
