import type { ValueId } from '../../graph/builder.ts';
import { add, negate, scale } from '../../graph/compose/arithmetic.ts';
import { concat, filled, move, slice } from '../../graph/compose/movement.ts';
import type { TreeEnsemble } from '../../graph/tree.ts';
import { bestClass, type Labels, labelOutput, readLabels, thresholdLabel } from '../ml/labels.ts';
import { binaryScores, postTransform, readPostTransform } from '../ml/post-transform.ts';
import { type FeatureRows, featureRows } from '../ml/rows.ts';
import { floats, readTrees } from '../ml/tree-attributes.ts';
import { layoutTrees } from '../ml/tree-layout.ts';
import { type Aggregate, aggregateTrees, alwaysPositive, type Coverage, coverage, sumTrees } from '../ml/trees.ts';
import type { OpContext, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

function regressor(context: OpContext): ValueId[] {
  const { b, attributes } = context;
  const rows = featureRows(context);
  const targets = attributes.int('n_targets', 1);
  const single = b.dtype(rows.x) !== 'float64';
  const ensemble = layoutTrees(readTrees(attributes, 'target'), { features: rows.features, targets, single });
  if (targets === 1 && coverage(ensemble, true)[0] !== 'always') {
    throw new UnsupportedError('a leaf has no weight', 'Give every leaf a weight.');
  }
  const base = floats(attributes, 'base_values');
  if (base.length !== 0 && base.length !== targets) {
    throw new UnsupportedError(`${base.length} base values for ${targets} targets`, 'Give one per target, or none.');
  }
  const based = base.length === 0 ? ensemble : { ...ensemble, base: Float64Array.from(base) };
  const scores = aggregateTrees(b, rows, based, readAggregate(context), 'float32');
  return [postTransform(b, scores, readPostTransform(attributes))];
}

function readAggregate({ attributes }: OpContext): Aggregate {
  const name = attributes.string('aggregate_function', 'SUM');
  if (name === 'SUM' || name === 'AVERAGE' || name === 'MIN' || name === 'MAX') return name;
  throw new UnsupportedError(`aggregate_function "${name}" is unknown`, 'Re-export the model.');
}

function classifier(context: OpContext): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const rows = featureRows(context);
  const labels = readLabels(context, 'classlabels_int64s');
  const single = b.dtype(rows.x) !== 'float64';
  const settings = { features: rows.features, targets: labels.count, single };
  const ensemble = layoutTrees(readTrees(attributes, 'class'), settings);
  const base = floats(attributes, 'base_values');
  if (labels.count < 2 || base.length > labels.count) {
    throw new UnsupportedError(`${labels.count} classes with ${base.length} base values`, 'Re-export the model.');
  }
  const model: Classifier = { rows, labels, ensemble, base };
  return labels.count === 2 ? binary(context, model) : multiclass(context, model);
}

interface Classifier {
  readonly rows: FeatureRows;
  readonly labels: Labels;
  readonly ensemble: TreeEnsemble;
  readonly base: readonly number[];
}

/** The label is the best of the classes that got any weight at all, the first of equals. */
function multiclass(context: OpContext, { rows, labels, ensemble, base }: Classifier): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const bases = Float64Array.from({ length: labels.count }, (_, k) => base[k] ?? 0);
  const scores = sumTrees(b, rows, { ...ensemble, base: bases }, 'float32');
  const covered = coverage(ensemble).map((known, k): Coverage => (k < base.length ? 'always' : known));
  const transformed = postTransform(b, scores, readPostTransform(attributes));
  if (!context.isRead(0)) return [undefined, transformed];
  const harmless = ensemble.leafWeight.every((w) => w >= 0) && alwaysPositive(ensemble);
  if (covered.includes('sometimes') && !harmless) {
    const fix = 'Give every leaf a weight for every class, or add base_values.';
    throw new UnsupportedError('its label depends on which classes a leaf mentions', fix);
  }
  const candidates = [...covered.keys()].filter((k) => covered[k] !== 'never');
  const length = candidates.length;
  if (length === 0) throw new UnsupportedError('no leaf has a weight', 'Re-export the model.');
  const source = Int32Array.from({ length: rows.rows * length }, (_, i) => {
    return Math.floor(i / length) * labels.count + candidates[i % length];
  });
  const considered = length === labels.count ? scores : move(b, [scores], [rows.rows, length], source);
  const best = bestClass(b, considered);
  const ints = labels.ints === undefined ? undefined : candidates.map((k) => labels.ints?.[k] ?? k);
  return [labelOutput(context, { count: length, ints }, best), transformed];
}

/**
 * Two classes, with the special cases of onnxruntime: when only one class has weights its sum is a probability (no
 * weight negative) or a margin, and decides the label; when both have, a positive score of class 1 decides.
 */
function binary(context: OpContext, model: Classifier): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const { rows, labels, ensemble, base } = model;
  const [first, second] = coverage(ensemble);
  const unclear = second === 'sometimes' || (first === 'sometimes' && base.length > 0);
  if (unclear || (first === 'never' && second === 'never')) {
    const fix = 'Give every leaf a weight for the same class or classes.';
    throw new UnsupportedError('its leaves do not all have weights for the same classes', fix);
  }
  const transform = readPostTransform(attributes);
  const probabilities = ensemble.leafWeight.every((w) => w >= 0);
  const oneSided = first === 'never' || second === 'never';
  const positive = oneSided ? (probabilities ? 0.5 : 0) : 0;
  if (second === 'never' && base.length < 2) {
    const score = columnSum(context, model, 0, base[0] ?? 0);
    const label = thresholdLabel(context, labels, score, positive);
    return [label, binaryScores(b, score, transform, probabilities ? 'complement' : 'mirror')];
  }
  const zero = filled(b, [rows.rows, 1], 0, 'float32');
  const own = first === 'never' ? zero : columnSum(context, model, 0, 0);
  let pair: readonly [ValueId, ValueId];
  if (base.length === 2 && second !== 'never') {
    const shifted = scale(b, own, 1, base[1]);
    pair = [first === 'never' ? zero : negate(b, shifted), shifted];
  } else if (second === 'never') pair = [scale(b, own, 1, base[0]), zero];
  else pair = [first === 'never' ? zero : scale(b, own, 1, base[0] ?? 0), columnSum(context, model, 1, 0)];
  const deciding = second === 'never' ? pair[0] : pair[1];
  const names = oneSided || labels.ints === undefined ? labels : { ...labels, ints: [0, 1] };
  const label = thresholdLabel(context, names, deciding, positive);
  return [label, postTransform(b, concat(b, pair, 1), transform)];
}

/** The score [rows, 1] of one class. */
function columnSum(context: OpContext, { rows, ensemble }: Classifier, target: number, base: number): ValueId {
  const { b } = context;
  if (ensemble.leafTarget.every((t) => t === target)) {
    const alone = { ...ensemble, targets: 1, leafTarget: new Int32Array(ensemble.leafTarget.length) };
    return sumTrees(b, rows, { ...alone, base: Float64Array.of(base) }, 'float32');
  }
  const both = sumTrees(b, rows, ensemble, 'float32');
  return add(b, slice(b, both, 1, target, 1), filled(b, [1, 1], base, 'float32'));
}

export const ops: OpTable = { TreeEnsembleRegressor: regressor, TreeEnsembleClassifier: classifier };
