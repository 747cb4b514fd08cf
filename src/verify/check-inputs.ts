import { nearestStep } from '../tensor/grid.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { OpenedTensor } from './check-opening.ts';
import type { InputLayout } from './layout.ts';
import type { DisplayedInput } from './proof-file.ts';

/** Inputs by name, as reals; they are compared as the integers that the model makes of them. */
export type ExpectedInputs = ReadonlyMap<string, ArrayLike<number>>;

/** Which inputs differ from what is expected, and about which nothing is known. */
export function checkInputs(
  layouts: readonly InputLayout[],
  shown: readonly DisplayedInput[],
  opened: readonly OpenedTensor[],
  expected: ExpectedInputs,
): { readonly reasons: readonly string[]; readonly unpinned: readonly string[] } {
  const reasons: string[] = [];
  const unpinned: string[] = [];
  for (const name of expected.keys()) {
    if (!layouts.some((layout) => layout.name === name)) reasons.push(`the model has no input "${name}" to expect`);
  }
  for (const [i, layout] of layouts.entries()) {
    const { name, visibility } = layout;
    const input = shown.at(i);
    const known =
      input?.visibility === 'public' ? input : opened.find((tensor) => tensor.kind === 'input' && tensor.name === name);
    const reals = expected.get(name);
    if (known === undefined) {
      unpinned.push(`input "${name}" ${unknowns[visibility]}`);
      // A whole sample may be given, private inputs and all; a hashed one could have been compared.
      if (reals !== undefined && visibility === 'hashed')
        reasons.push(`the expected input "${name}" cannot be compared: it ${unknowns[visibility]}`);
    } else if (reals === undefined) unpinned.push(`input "${name}"`);
    else reasons.push(...differences(layout, known.integers, reals));
  }
  return { reasons, unpinned };
}

const unknowns: Readonly<Record<InputLayout['visibility'], string>> = {
  private: 'is private: the proof shows that some input exists',
  hashed: 'is hashed: only who has the opening can tell what it was',
  public: 'cannot be read',
};

function differences(layout: InputLayout, integers: readonly bigint[], reals: ArrayLike<number>): string[] {
  const { name, shape, zero, columns } = layout;
  const size = sizeOf(shape);
  if (reals.length !== size) return [`the expected input "${name}" has ${reals.length} elements, not ${size}`];
  for (let i = 0; i < size; i++) {
    const { scale } = columns?.[i % columns.length] ?? layout;
    const step = nearestStep(reals[i], scale, zero);
    if (step !== Number(integers[i])) {
      return [`input "${name}"[${i}] is ${Number(integers[i]) * scale + zero}, not ${reals[i]}`];
    }
  }
  return [];
}
