import type { ValueId } from '../../graph/builder.ts';
import { linearRows } from '../../graph/compose/linear.ts';
import { bestClass, labelOutput, readLabels, thresholdLabel } from '../ml/labels.ts';
import { binaryScores, postTransform, readPostTransform } from '../ml/post-transform.ts';
import { asReal, type FeatureRows, featureRows } from '../ml/rows.ts';
import type { OpContext, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

interface Coefficients {
  /** [outs, features] */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

function coefficients({ attributes }: OpContext, features: number, outs: number): Coefficients {
  const weight = Float64Array.from(attributes.floats('coefficients'));
  const intercepts = attributes.floats('intercepts', []);
  if (weight.length !== outs * features || (intercepts.length !== 0 && intercepts.length !== outs)) {
    const message = `${weight.length} coefficients and ${intercepts.length} intercepts for ${features} features`;
    throw new UnsupportedError(message, `Expected ${outs} × ${features} and ${outs}; re-export the model.`);
  }
  return { weight, bias: intercepts.length === 0 ? new Float64Array(outs) : Float64Array.from(intercepts) };
}

/** X·weightᵀ + bias: [rows, outs]. */
function scores({ b }: OpContext, { x, rows, features }: FeatureRows, { weight, bias }: Coefficients): ValueId {
  return linearRows(b, { x, rows, depth: features, outs: bias.length, weight, bias });
}

function regressor(context: OpContext): ValueId[] {
  const rows = asReal(context, featureRows(context));
  const y = scores(context, rows, coefficients(context, rows.features, context.attributes.int('targets', 1)));
  return [postTransform(context.b, y, readPostTransform(context.attributes))];
}

/** One row of coefficients and two classes: a positive score means the second class. Otherwise the best score wins. */
function classifier(context: OpContext): (ValueId | undefined)[] {
  const { b, attributes } = context;
  const rows = asReal(context, featureRows(context));
  const labels = readLabels(context, 'classlabels_ints');
  const transform = readPostTransform(attributes);
  const outs = attributes.floats('intercepts', []).length;
  if (outs === 1 && labels.count === 2) {
    const score = scores(context, rows, coefficients(context, rows.features, 1));
    return [thresholdLabel(context, labels, score, 0), binaryScores(b, score, transform, 'complement')];
  }
  if (outs !== labels.count || outs < 2) {
    const fix = 'Give one intercept per class; re-export the model.';
    throw new UnsupportedError(`${outs} intercepts for ${labels.count} classes`, fix);
  }
  const all = coefficients(context, rows.features, outs);
  const second = mirrored(all);
  if (second !== undefined && (transform === 'NONE' || transform === 'LOGISTIC')) {
    const score = scores(context, rows, second);
    return [thresholdLabel(context, labels, score, 0), binaryScores(b, score, transform, 'mirror')];
  }
  const y = scores(context, rows, all);
  return [labelOutput(context, labels, bestClass(b, y)), postTransform(b, y, transform)];
}

/** The second of two classes whose scores are s and −s, as exporters of logistic regression write them. */
function mirrored({ weight, bias }: Coefficients): Coefficients | undefined {
  const features = weight.length / 2;
  if (bias.length !== 2 || bias[0] !== -bias[1]) return undefined;
  for (let f = 0; f < features; f++) if (weight[f] !== -weight[features + f]) return undefined;
  return { weight: weight.subarray(features), bias: bias.subarray(1) };
}

export const ops: OpTable = { LinearRegressor: regressor, LinearClassifier: classifier };
