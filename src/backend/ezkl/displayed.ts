import { type Scalar, toSigned } from '../../field/bn254.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { DisplayedInput, DisplayedOutput, DisplayedTensor } from '../../verify/proof-file.ts';
import { toReal } from './felt.ts';
import type { EzklTensor } from './manifest.ts';

interface Tensors {
  readonly inputs: readonly EzklTensor[];
  readonly outputs: readonly EzklTensor[];
}

/** How many numbers a verifier sees of a tensor. */
const instancesOf = ({ visibility, shape }: EzklTensor): number =>
  visibility === 'public' ? sizeOf(shape) : visibility === 'hashed' ? 1 : 0;

/** How many numbers a verifier sees of a model. */
export function instanceCount({ inputs, outputs }: Tensors): number {
  return [...inputs, ...outputs].reduce((sum, tensor) => sum + instancesOf(tensor), 0);
}

/** What the numbers of a proof say: EZKL puts the inputs first, then the outputs, a hashed tensor as its Poseidon hash. */
export function display(
  { inputs, outputs }: Tensors,
  instances: readonly Scalar[],
): { readonly inputs: DisplayedInput[]; readonly outputs: DisplayedOutput[] } {
  let at = 0;
  const next = (tensor: EzklTensor) => {
    const taken = instances.slice(at, at + instancesOf(tensor));
    at += taken.length;
    return taken;
  };
  return {
    inputs: inputs.map((tensor): DisplayedInput => {
      const taken = next(tensor);
      const { name, visibility } = tensor;
      if (visibility === 'private') return { name, visibility };
      if (visibility === 'hashed') return { name, visibility, commitment: taken[0] };
      return { ...shown(tensor, taken), visibility };
    }),
    outputs: outputs.map((tensor): DisplayedOutput => {
      const taken = next(tensor);
      if (tensor.visibility === 'hashed') return { name: tensor.name, visibility: 'hashed', commitment: taken[0] };
      return { ...shown(tensor, taken), visibility: 'public' };
    }),
  };
}

function shown({ name, shape, scaleBits }: EzklTensor, instances: readonly Scalar[]): DisplayedTensor {
  const integers = instances.map(toSigned);
  return { name, shape, integers, values: integers.map((integer) => toReal(integer, scaleBits)) };
}
