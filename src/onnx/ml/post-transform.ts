import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import {
  apply,
  compare,
  divide,
  multiply,
  negate,
  scale,
  select,
  sqrt,
  subtract,
} from '../../graph/compose/arithmetic.ts';
import { keepAxes, sumOver } from '../../graph/compose/linear.ts';
import { concat, filled, reshape } from '../../graph/compose/movement.ts';
import { rowExponentials, softmax } from '../../graph/compose/softmax.ts';
import type { Attributes } from '../attributes.ts';
import { UnsupportedError } from '../unsupported.ts';
import { markDistribution } from './distribution.ts';

/** What a model of ai.onnx.ml does to its scores at the end. */
export type PostTransform = 'NONE' | 'LOGISTIC' | 'SOFTMAX' | 'SOFTMAX_ZERO' | 'PROBIT';

const all: readonly PostTransform[] = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'];

export function readPostTransform(attributes: Attributes): PostTransform {
  const name = attributes.string('post_transform', 'NONE');
  const known = all.find((candidate) => candidate === name);
  if (known === undefined) throw new UnsupportedError(`post_transform "${name}" is unknown`, 'Re-export the model.');
  return known;
}

/** Transforms scores [rows, k]. A single score is only changed by PROBIT, as in onnxruntime. */
export function postTransform(b: GraphBuilder, scores: ValueId, transform: PostTransform): ValueId {
  const [, width] = b.shape(scores);
  if (transform === 'PROBIT') return probit(b, scores);
  if (transform === 'NONE' || width === 1) return scores;
  if (transform === 'LOGISTIC') return apply(b, scores, 'sigmoid');
  return transform === 'SOFTMAX' ? markDistribution(b, softmax(b, scores, 1)) : softmaxOfNonZero(b, scores);
}

/**
 * The two columns onnxruntime makes of one score s of a binary classifier: [1 − s, s] when s is a probability
 * (`complement`) and [−s, s] when it is a margin (`mirror`); LOGISTIC gives [σ(−s), σ(s)], the softmaxes do nothing.
 */
export function binaryScores(
  b: GraphBuilder,
  score: ValueId,
  transform: PostTransform,
  kind: 'complement' | 'mirror',
): ValueId {
  if (transform === 'PROBIT') {
    const fix = 'Export with scores for both classes.';
    throw new UnsupportedError('PROBIT of a single score leaves the second class undefined', fix);
  }
  if (transform === 'LOGISTIC') {
    const positive = apply(b, score, 'sigmoid');
    return markDistribution(b, concat(b, [scale(b, positive, -1, 1), positive], 1));
  }
  return concat(b, [kind === 'complement' ? scale(b, score, -1, 1) : negate(b, score), score], 1);
}

/** Softmax of each row in which scores of zero (within 1e-7) stay zero and take no share. */
function softmaxOfNonZero(b: GraphBuilder, scores: ValueId): ValueId {
  const shape = b.shape(scores);
  const dtype = b.dtype(scores);
  const { weights } = rowExponentials(b, scores, [1]);
  const tiny = filled(b, shape, Math.fround(1e-7), dtype);
  const zero = filled(b, shape, 0, dtype);
  const above = select(b, compare(b, 'lt', tiny, scores), weights, zero);
  const shares = select(b, compare(b, 'lt', scores, negate(b, tiny)), weights, above);
  return divide(b, shares, reshape(b, sumOver(b, shares, [1]), keepAxes(shape, [1])));
}

/** The inverse of the normal distribution by the approximation onnxruntime uses (Winitzki). */
function probit(b: GraphBuilder, probability: ValueId): ValueId {
  const z = scale(b, probability, 2, -1);
  const a = 0.147;
  const log = apply(b, scale(b, multiply(b, z, z), -1, 1), 'log');
  const v = scale(b, log, 0.5, 2 / (Math.PI * a));
  const root = sqrt(b, subtract(b, multiply(b, v, v), scale(b, log, 1 / a)));
  const magnitude = scale(b, sqrt(b, subtract(b, root, v)), Math.SQRT2);
  const zero = filled(b, b.shape(z), 0, b.dtype(z));
  return select(b, compare(b, 'lt', z, zero), negate(b, magnitude), magnitude);
}
