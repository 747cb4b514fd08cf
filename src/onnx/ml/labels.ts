import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { compare } from '../../graph/compose/arithmetic.ts';
import { lookup } from '../../graph/compose/lookup.ts';
import { filled, reshape } from '../../graph/compose/movement.ts';
import type { OpContext } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The classes of a classifier; `ints` is undefined when their names are strings. */
export interface Labels {
  readonly count: number;
  readonly ints: readonly number[] | undefined;
}

export function readLabels({ attributes }: OpContext, ints: string): Labels {
  const strings = attributes.strings('classlabels_strings', []);
  const numbers = attributes.ints(ints, []);
  if (strings.length > 0) return { count: strings.length, ints: undefined };
  if (numbers.length === 0) throw new UnsupportedError('it names no classes', 'Re-export the model.');
  return { count: numbers.length, ints: numbers };
}

/** The label output for class `index` of every row; nothing when nobody reads it, which string labels need. */
export function labelOutput(context: OpContext, { ints }: Labels, index: ValueId): ValueId | undefined {
  if (ints !== undefined) return lookup(context.b, index, Float64Array.from(ints), 'int64');
  refuseStrings(context);
  return undefined;
}

function refuseStrings(context: OpContext): void {
  if (!context.isRead(0)) return;
  throw new UnsupportedError(
    'its labels are strings',
    'Train on classes 0, 1, … (encode y before fitting), or remove the label output and keep the scores.',
  );
}

/** The label of two classes decided by a score [rows, 1]: the second where it is above `threshold`. */
export function thresholdLabel(
  context: OpContext,
  labels: Labels,
  score: ValueId,
  threshold: number,
): ValueId | undefined {
  const { b } = context;
  const flat = reshape(b, score, [b.shape(score)[0]]);
  return labelOutput(context, labels, compare(b, 'lt', filled(b, b.shape(flat), threshold, b.dtype(score)), flat));
}

/** The first best column of each row of scores [rows, classes]. */
export function bestClass(b: GraphBuilder, scores: ValueId): ValueId {
  const [rows, length] = b.shape(scores);
  return b.push({ kind: 'argmax', inputs: [scores], shape: [rows], dtype: 'int64', rows, length, tie: 'first' });
}
