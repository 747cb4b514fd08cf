import { isScalar, type Scalar } from '../field/bn254.ts';
import { inputVisibilities, outputVisibilities } from '../tensor/visibility.ts';
import {
  asArray,
  asHex32,
  asInteger,
  asNatural,
  asNumber,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type Hex32,
  type JsonObject,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from './json.ts';
import { decodeProofJson, encodeProofJson } from './snarkjs-json.ts';
import type { Groth16Proof, PublicSignals, TrustLevel } from './types.ts';

/** A tensor as people read it: the exact integers that were proved and the numbers they stand for. */
export interface DisplayedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly integers: readonly bigint[];
  readonly values: readonly number[];
}

/** What a proof shows of an output: its values (indices, for `argmax`), or a commitment to them. */
export type DisplayedOutput =
  | (DisplayedTensor & { readonly visibility: 'public' | 'argmax' })
  | { readonly name: string; readonly visibility: 'hashed'; readonly commitment: Scalar };

/** What a proof shows of an input: its values, a commitment to them, or that it exists. */
export type DisplayedInput =
  | (DisplayedTensor & { readonly visibility: 'public' })
  | { readonly name: string; readonly visibility: 'hashed'; readonly commitment: Scalar }
  | { readonly name: string; readonly visibility: 'private' };

/** `proof.json`: all that a stranger needs beside the model's verification file. */
export interface ProofFile {
  readonly modelId: Hex32;
  readonly vkDigest: Hex32;
  readonly trust: TrustLevel;
  readonly backend: 'groth16';
  readonly kernel: string;
  readonly publicSignals: PublicSignals;
  readonly proof: Groth16Proof;
  /** The layout that decodes the signals; its own codec checks it. */
  readonly layout: JsonObject;
  readonly outputs: readonly DisplayedOutput[];
  readonly inputs: readonly DisplayedInput[];
  readonly binding: Hex32;
}

const FORMAT = 'vouch-proof-2';
const VISIBILITY = 'visibility';
const MAX_TEXT = 1 << 26;
const MAX_SIGNALS = 1 << 16;
const MAX_TENSORS = 1 << 10;
const MAX_ELEMENTS = 1 << 22;
const MAX_NAME = 1 << 10;

export function encodeProofFile(file: ProofFile): string {
  const { modelId, vkDigest, trust, backend, kernel, layout, binding } = file;
  const json = {
    ...{ format: FORMAT, modelId, vkDigest, trust, backend, kernel },
    publicSignals: file.publicSignals.map(String),
    proof: encodeProofJson(file.proof),
    layout,
    outputs: file.outputs.map(encodeDisplayed),
    inputs: file.inputs.map(encodeDisplayed),
    binding,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Parses and checks the form of everything but the layout; says nothing about whether the proof is right. */
export function decodeProofFile(text: string): ProofFile {
  const keys = ['format', 'modelId', 'vkDigest', 'trust', 'backend', 'kernel', 'publicSignals', 'proof', 'layout'];
  const file = asObject(parseJson(text, 'proof file', MAX_TEXT), 'proof file', [
    ...keys,
    'outputs',
    'inputs',
    'binding',
  ]);
  const field = (key: string) => fieldOf(file, key, 'proof file');
  const list = (key: string, max: number) => asArray(field(key), key, { max });
  asOneOf(field('format'), 'format', [FORMAT]);
  return {
    modelId: asHex32(field('modelId'), 'modelId'),
    vkDigest: asHex32(field('vkDigest'), 'vkDigest'),
    trust: asOneOf(field('trust'), 'trust', ['insecure-dev', 'ceremony']),
    backend: asOneOf(field('backend'), 'backend', ['groth16']),
    kernel: asString(field('kernel'), 'kernel', { max: 64 }),
    publicSignals: list('publicSignals', MAX_SIGNALS).map((signal, i) => decodeScalar(signal, `publicSignals[${i}]`)),
    proof: decodeProofJson(field('proof')),
    layout: asObject(field('layout'), 'layout'),
    outputs: list('outputs', MAX_TENSORS).map((tensor, i) => decodeOutput(tensor, `outputs[${i}]`)),
    inputs: list('inputs', MAX_TENSORS).map((input, i) => decodeInput(input, `inputs[${i}]`)),
    binding: asHex32(field('binding'), 'binding'),
  };
}

function decodeScalar(json: JsonValue, path: string) {
  const value = asNatural(json, path);
  if (!isScalar(value)) throw new MalformedJsonError(path, 'it is not below the order of the field');
  return value;
}

function encodeDisplayed(tensor: DisplayedOutput | DisplayedInput): JsonObject {
  const { name, visibility } = tensor;
  if (visibility === 'private') return { name, visibility };
  if (visibility === 'hashed') return { name, visibility, commitment: String(tensor.commitment) };
  const { shape, integers, values } = tensor;
  return { name, visibility, shape: [...shape], integers: integers.map(String), values: [...values] };
}

function decodeOutput(json: JsonValue, path: string): DisplayedOutput {
  const visibility = decodeVisibility(json, path, outputVisibilities);
  if (visibility === 'hashed') return { visibility, ...decodeCommitment(json, path) };
  return { visibility, ...decodeTensor(json, path) };
}

function decodeInput(json: JsonValue, path: string): DisplayedInput {
  const visibility = decodeVisibility(json, path, inputVisibilities);
  if (visibility === 'private')
    return { visibility, name: decodeName(asObject(json, path, ['name', VISIBILITY]), path) };
  if (visibility === 'hashed') return { visibility, ...decodeCommitment(json, path) };
  return { visibility, ...decodeTensor(json, path) };
}

function decodeVisibility<const T extends string>(json: JsonValue, path: string, choices: readonly T[]): T {
  return asOneOf(fieldOf(asObject(json, path), VISIBILITY, path), `${path}.${VISIBILITY}`, choices);
}

function decodeCommitment(json: JsonValue, path: string): { readonly name: string; readonly commitment: Scalar } {
  const tensor = asObject(json, path, ['name', VISIBILITY, 'commitment']);
  const commitment = decodeScalar(fieldOf(tensor, 'commitment', path), `${path}.commitment`);
  return { name: decodeName(tensor, path), commitment };
}

function decodeTensor(json: JsonValue, path: string): DisplayedTensor {
  const tensor = asObject(json, path, ['name', VISIBILITY, 'shape', 'integers', 'values']);
  const list = (key: string, max: number) => asArray(fieldOf(tensor, key, path), `${path}.${key}`, { max });
  const shape = list('shape', 32).map((item) => asNumber(item, `${path}.shape`));
  const integers = list('integers', MAX_ELEMENTS).map((item) => asInteger(item, `${path}.integers`));
  const values = list('values', MAX_ELEMENTS).map((item) => asNumber(item, `${path}.values`));
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new MalformedJsonError(`${path}.shape`, 'a size is not a natural number');
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (integers.length !== size || values.length !== size) {
    throw new MalformedJsonError(
      path,
      `${integers.length} integers and ${values.length} values, expected ${size} of each`,
    );
  }
  return { name: decodeName(tensor, path), shape, integers, values };
}

function decodeName(object: JsonObject, path: string): string {
  return asString(fieldOf(object, 'name', path), `${path}.name`, { max: MAX_NAME });
}
