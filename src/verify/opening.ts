import { isScalar, type Scalar } from '../field/bn254.ts';
import { commit } from '../field/commitment.ts';
import { packLanes } from '../tensor/lanes.ts';
import { sizeOf } from '../tensor/shape.ts';
import {
  asArray,
  asHex32,
  asInteger,
  asNatural,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type Hex32,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from './json.ts';
import type { TensorLayout } from './layout.ts';

/** What opens the commitment to a hashed tensor. Whoever has it knows the tensor. */
export interface Opening {
  readonly kind: 'input' | 'output';
  readonly name: string;
  readonly commitment: Scalar;
  readonly salt: Scalar;
  readonly integers: readonly bigint[];
}

/** The opening file of a proof: a secret of the prover, to be shown to whom it may concern. */
export interface OpeningFile {
  readonly modelId: Hex32;
  readonly tensors: readonly Opening[];
}

const format = 'vouch-opening-1';
const maxText = 1 << 28;
const maxTensors = 1 << 11;
const maxElements = 1 << 22;
const maxName = 1 << 10;

export function encodeOpeningFile({ modelId, tensors }: OpeningFile): string {
  const json = {
    format,
    modelId,
    tensors: tensors.map(({ kind, name, commitment, salt, integers }) => {
      return { kind, name, commitment: String(commitment), salt: String(salt), integers: integers.map(String) };
    }),
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** Checks the form only; `opens` says whether it opens anything. */
export function decodeOpeningFile(text: string): OpeningFile {
  const what = 'opening file';
  const file = asObject(parseJson(text, what, maxText), what, ['format', 'modelId', 'tensors']);
  asOneOf(fieldOf(file, 'format', what), 'format', [format]);
  return {
    modelId: asHex32(fieldOf(file, 'modelId', what), 'modelId'),
    tensors: asArray(fieldOf(file, 'tensors', what), 'tensors', { max: maxTensors }).map((item, i) =>
      decodeOpening(item, `tensors[${i}]`),
    ),
  };
}

function decodeOpening(json: JsonValue, path: string): Opening {
  const opening = asObject(json, path, ['kind', 'name', 'commitment', 'salt', 'integers']);
  const field = (key: string): JsonValue => fieldOf(opening, key, path);
  const integers = asArray(field('integers'), `${path}.integers`, { max: maxElements });
  return {
    kind: asOneOf(field('kind'), `${path}.kind`, ['input', 'output']),
    name: asString(field('name'), `${path}.name`, { max: maxName }),
    commitment: asScalar(field('commitment'), `${path}.commitment`),
    salt: asScalar(field('salt'), `${path}.salt`),
    integers: integers.map((item) => asInteger(item, `${path}.integers`)),
  };
}

function asScalar(json: JsonValue, path: string): Scalar {
  const value = asNatural(json, path);
  if (!isScalar(value)) throw new MalformedJsonError(path, 'it is not below the order of the field');
  return value;
}

/** Whether integers within a tensor's bounds, with the salt, give the commitment. */
export function opens(tensor: TensorLayout, { integers, salt }: Opening, commitment: Scalar): boolean {
  const { lo, hi, laneBytes, shape } = tensor;
  const elements = sizeOf(shape);
  if (integers.length !== elements || integers.some((q) => q < BigInt(lo) || q > BigInt(hi))) return false;
  return commit({ elements, laneBytes, lo, hi }, packLanes(tensor, integers), salt) === commitment;
}
