import type { OpHandler, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

const refuse =
  (message: string, fix: string): OpHandler =>
  () => {
    throw new UnsupportedError(message, fix);
  };

const loop = refuse(
  'repeats a subgraph as often as its data say',
  'Unroll it before export: a circuit has a fixed structure.',
);
const sequence = refuse(
  'computes with a sequence of tensors',
  'Return and pass tensors: stack or concatenate them in the model.',
);
const optional = refuse('computes with an optional value', 'Export the model with that value always present.');
const strings = refuse('computes with strings', 'Encode strings as numbers before the model.');
const random = refuse('draws random numbers', 'Export the model for inference, or pass the numbers as an input.');

/** Operators that have no place in a circuit; each says how to do without it. */
export const ops: OpTable = {
  Loop: loop,
  Scan: loop,
  NonMaxSuppression: refuse(
    'returns as many boxes as its data say',
    'End the model at the boxes and scores, and suppress overlaps after the proof.',
  ),
  SequenceConstruct: sequence,
  SequenceEmpty: sequence,
  SequenceInsert: sequence,
  SequenceErase: sequence,
  SequenceAt: sequence,
  SequenceLength: sequence,
  SequenceMap: sequence,
  SplitToSequence: sequence,
  ConcatFromSequence: sequence,
  Optional: optional,
  OptionalHasElement: optional,
  OptionalGetElement: optional,
  StringConcat: strings,
  StringSplit: strings,
  StringNormalizer: strings,
  RegexFullMatch: strings,
  TfIdfVectorizer: strings,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Multinomial: random,
  Bernoulli: random,
  ImageDecoder: refuse('decodes a compressed image', 'Decode the image before the model.'),
};
