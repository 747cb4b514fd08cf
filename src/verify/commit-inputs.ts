import { VouchError } from '../errors.ts';
import { randomScalar } from '../field/bn254.ts';
import { commit } from '../field/commitment.ts';
import { nearestStep } from '../tensor/grid.ts';
import { packLanes } from '../tensor/lanes.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { InputLayout } from './layout.ts';
import { modelIdOf } from './model-core.ts';
import type { ModelFile } from './model-file.ts';
import type { OpeningFile } from './opening.ts';

/**
 * Commits to the hashed inputs of a model before anything is proved: whoever vouches for the data publishes the
 * commitments, and who holds the opening proves about them later (`openings` of `prove`). Salts are fresh.
 *
 *     const opening = commitInputs(file, new Map([['applicant', values]]));
 *     await writeFile('applicant.opening.json', encodeOpeningFile(opening), { mode: 0o600 });
 */
export function commitInputs({ core, layout }: ModelFile, reals: ReadonlyMap<string, ArrayLike<number>>): OpeningFile {
  const hashed = layout.inputs.filter(({ visibility }) => visibility === 'hashed');
  if (hashed.length === 0) throw new NothingHashedError(layout.inputs.map(({ name }) => name));
  const tensors = hashed.map((input) => {
    const integers = quantise(input, reals.get(input.name));
    const { lo, hi, laneBytes } = input;
    const salt = randomScalar();
    const form = { elements: integers.length, laneBytes, lo, hi };
    const commitment = commit(form, packLanes(input, integers), salt);
    return { kind: 'input', name: input.name, commitment, salt, integers } as const;
  });
  return { modelId: modelIdOf(core), tensors };
}

/** The integers that the model makes of an input. */
function quantise(input: InputLayout, reals: ArrayLike<number> | undefined): bigint[] {
  const { name, shape, zero, columns } = input;
  if (reals?.length !== sizeOf(shape))
    throw new CommittedInputError(name, `${reals?.length ?? 'no'} elements`, `${sizeOf(shape)}`);
  return Array.from(reals, (real, i) => {
    const { scale, lo, hi } = columns?.[i % columns.length] ?? input;
    const step = nearestStep(real, scale, zero);
    if (!(step >= lo && step <= hi))
      throw new CommittedInputError(`${name}[${i}]`, `${real}`, 'a number within the bounds');
    return BigInt(step);
  });
}

/** A commitment needs a hashed input. */
export class NothingHashedError extends VouchError {
  override readonly name = 'Verify.NothingHashedError';

  constructor(inputs: readonly string[]) {
    super('The model hashes none of its inputs, so there is nothing to commit to.', {
      metaMessages: [`Compile it with: --input ${inputs[0] ?? 'name'}=hashed`],
    });
  }
}

/** An input that the model cannot take. */
export class CommittedInputError extends VouchError {
  override readonly name = 'Verify.CommittedInputError';

  constructor(what: string, got: string, expected: string) {
    super(`The input "${what}" cannot be committed to.`, { metaMessages: [`expected ${expected}, got ${got}`] });
  }
}
