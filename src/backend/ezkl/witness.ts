import { type Scalar, toSigned } from '../../field/bn254.ts';
import type { Sample } from '../../quant/sample.ts';
import { asArray, asObject, fieldOf } from '../../verify/json.ts';
import { decodeFelt, toReal } from './felt.ts';
import type { EzklTensor } from './manifest.ts';
import { readEzklJson } from './settings.ts';

const MAX_TENSORS = 1024;
const MAX_ELEMENTS = 1 << 22;
const MAX_LENGTH = 1 << 29;

/** Samples as EZKL reads them: of each input all numbers, one sample after the other. */
export function toInputJson(inputs: readonly { readonly name: string }[], samples: readonly Sample[]): string {
  const lists = inputs.map(({ name }) => {
    const parts = samples.map((sample) => (sample.get(name) ?? new Float64Array()).join(','));
    return `[${parts.join(',')}]`;
  });
  return `{"input_data":[${lists.join(',')}]}`;
}

/** The outputs of a witness, before their scale is applied. */
export async function readWitnessOutputs(path: string): Promise<Scalar[][]> {
  const witness = asObject(await readEzklJson(path, MAX_LENGTH), 'witness');
  return asArray(fieldOf(witness, 'outputs', 'witness'), 'outputs', { max: MAX_TENSORS }).map((tensor) =>
    asArray(tensor, 'outputs', { max: MAX_ELEMENTS }).map((item) => decodeFelt(item, 'outputs')),
  );
}

/** The outputs as reals, by name. */
export function toReals(
  tensors: readonly Pick<EzklTensor, 'name' | 'scaleBits'>[],
  values: readonly (readonly Scalar[])[],
): Map<string, Float64Array> {
  return new Map(
    tensors.map(({ name, scaleBits }, i) => [
      name,
      Float64Array.from(values[i] ?? [], (value) => toReal(toSigned(value), scaleBits)),
    ]),
  );
}
