import type { ValueId } from '../../graph/builder.ts';
import { combine, compare, negate, retype } from '../../graph/compose/arithmetic.ts';
import { linearRows, maxOver } from '../../graph/compose/linear.ts';
import { filled } from '../../graph/compose/movement.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { bestClass, type Labels, labelOutput, readLabels, thresholdLabel } from '../ml/labels.ts';
import { binaryScores, postTransform, readPostTransform } from '../ml/post-transform.ts';
import { asReal, type FeatureRows, featureRows } from '../ml/rows.ts';
import { kernelRows } from '../ml/svm-kernel.ts';
import type { OpContext, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

const mostClasses = 500;

function regressor(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const rows = asReal(context, featureRows(context));
  const supports = attributes.int('n_supports', 0);
  const weight = Float64Array.from(attributes.floats('coefficients'));
  const bias = Float64Array.of(attributes.floats('rho')[0] ?? 0);
  const x = supports === 0 ? rows.x : kernelRows(context, rows, supports);
  const depth = supports === 0 ? rows.features : supports;
  if (weight.length !== depth) {
    throw new UnsupportedError(`${weight.length} coefficients, expected ${depth}`, 'Re-export the model.');
  }
  const y = linearRows(b, { x, rows: rows.rows, depth, outs: 1, weight, bias });
  if (attributes.int('one_class', 0) === 0) return [postTransform(b, y, readPostTransform(attributes))];
  const zero = filled(b, [rows.rows, 1], 0, b.dtype(y));
  const inside = retype(b, compare(b, 'lt', zero, y), b.dtype(y));
  return [combine(b, [inside, filled(b, [], 1, b.dtype(y))], [2, -1])];
}

function classifier(context: OpContext): (ValueId | undefined)[] {
  const { attributes } = context;
  if (attributes.floats('prob_a', []).length > 0) {
    throw new UnsupportedError(
      'its probabilities come from an iteration that stops early',
      'Export with SVC(probability=False), or calibrate the scores with a logistic regression.',
    );
  }
  const rows = asReal(context, featureRows(context));
  const labels = readLabels(context, 'classlabels_ints');
  const perClass = attributes.ints('vectors_per_class', []);
  return perClass.length === 0 ? linear(context, rows, labels) : pairwise(context, rows, labels, perClass);
}

/** One score per class. For two, onnxruntime prefers the second class whenever the best score is high enough. */
function linear(context: OpContext, rows: FeatureRows, labels: Labels): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const { count } = labels;
  const weight = Float64Array.from(attributes.floats('coefficients'));
  const rho = attributes.floats('rho')[0] ?? 0;
  if (weight.length !== count * rows.features) {
    const message = `${weight.length} coefficients for ${count} classes of ${rows.features} features`;
    throw new UnsupportedError(message, 'Re-export the model.');
  }
  const bias = new Float64Array(count).fill(rho);
  const scores = linearRows(b, { x: rows.x, rows: rows.rows, depth: rows.features, outs: count, weight, bias });
  const transformed = postTransform(b, scores, readPostTransform(attributes));
  const best = bestClass(b, scores);
  if (count !== 2) return [labelOutput(context, labels, best), transformed];
  const peak = maxOver(b, scores, [1]);
  const positive = weight.every((w) => w >= 0);
  const limit = filled(b, b.shape(peak), positive ? 0.5 : 0, b.dtype(peak));
  const high = positive ? compare(b, 'le', limit, peak) : compare(b, 'lt', limit, peak);
  const either = b.push({
    kind: 'max',
    inputs: [retype(b, high, 'int64'), best],
    shape: b.shape(best),
    dtype: 'int64',
    window: 2,
    gather: Int32Array.from({ length: 2 * rows.rows }, (_, i) => (i % 2) * rows.rows + Math.floor(i / 2)),
  });
  return [labelOutput(context, labels, either), transformed];
}

/** One decision per pair of classes; the label is the class that wins most pairs, the first of equals. */
function pairwise(
  context: OpContext,
  rows: FeatureRows,
  labels: Labels,
  perClass: readonly number[],
): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const { count } = labels;
  if (count > mostClasses) throw new UnsupportedError(`${count} classes`, `At most ${mostClasses} are supported.`);
  const vectors = perClass.reduce((sum, n) => sum + n, 0);
  const pairs = classPairs(count);
  const coefficients = attributes.floats('coefficients');
  const rho = attributes.floats('rho');
  sizeOf([pairs.length, vectors]);
  if (perClass.length !== count || coefficients.length !== (count - 1) * vectors || rho.length < pairs.length) {
    throw new UnsupportedError('its coefficients do not fit its classes', 'Re-export the model.');
  }
  const starts = perClass.map((_, c) => perClass.slice(0, c).reduce((sum, n) => sum + n, 0));
  const weight = new Float64Array(pairs.length * vectors);
  for (const [p, [i, j]] of pairs.entries()) {
    for (let m = 0; m < perClass[i]; m++) {
      weight[p * vectors + starts[i] + m] = coefficients[(j - 1) * vectors + starts[i] + m];
    }
    for (let m = 0; m < perClass[j]; m++) {
      weight[p * vectors + starts[j] + m] = coefficients[i * vectors + starts[j] + m];
    }
  }
  const bias = Float64Array.from(pairs, (_, p) => rho[p]);
  const kernels = kernelRows(context, rows, vectors);
  const scores = linearRows(b, { x: kernels, rows: rows.rows, depth: vectors, outs: pairs.length, weight, bias });
  const transform = readPostTransform(attributes);
  if (count === 2) {
    const label = thresholdLabel(context, labels, negate(b, scores), 0);
    return [label, binaryScores(b, scores, transform, transform === 'NONE' ? 'mirror' : 'complement')];
  }
  return [labelOutput(context, labels, votes(context, scores, pairs, count)), postTransform(b, scores, transform)];
}

function votes(
  { b }: OpContext,
  scores: ValueId,
  pairs: readonly (readonly [number, number])[],
  count: number,
): ValueId {
  const [rows] = b.shape(scores);
  const wins = retype(b, compare(b, 'lt', filled(b, b.shape(scores), 0, b.dtype(scores)), scores), 'int64');
  const weight = new Float64Array(count * pairs.length);
  const bias = new Float64Array(count);
  for (const [p, [i, j]] of pairs.entries()) {
    weight[i * pairs.length + p] = 1;
    weight[j * pairs.length + p] = -1;
    bias[j]++;
  }
  return bestClass(b, linearRows(b, { x: wins, rows, depth: pairs.length, outs: count, weight, bias }));
}

function classPairs(count: number): (readonly [number, number])[] {
  const classes = Array.from({ length: count }, (_, c) => c);
  return classes.flatMap((i) => classes.slice(i + 1).map((j) => [i, j] as const));
}

export const ops: OpTable = { SVMRegressor: regressor, SVMClassifier: classifier };
