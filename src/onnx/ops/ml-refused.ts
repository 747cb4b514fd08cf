import type { OpHandler, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

const refuse =
  (message: string, fix: string): OpHandler =>
  () => {
    throw new UnsupportedError(message, fix);
  };

/** Operators on maps and strings, which have no place in a circuit; each says how to export without it. */
export const ops: OpTable = {
  ZipMap: refuse(
    'its output is a list of dictionaries, not a tensor',
    'Export with the option zipmap=False, which returns the probabilities as a tensor.',
  ),
  DictVectorizer: refuse('its input is a dictionary', 'Build the feature vector before the model.'),
  CastMap: refuse('its input is a dictionary', 'Build the feature vector before the model.'),
  CategoryMapper: refuse('it maps strings', 'Encode the categories as numbers before the model.'),
};
