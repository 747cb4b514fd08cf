import { InternalError } from '../../errors.ts';
import type { TreeNode } from '../../graph/graph.ts';
import { goesLeft, type TreeEnsemble } from '../../graph/tree.ts';
import { isReal } from '../../tensor/dtype.ts';
import { elementGrid } from '../columns.ts';
import { type Computed, isPending, type QuantContext, type Rule, targetScale } from '../context.ts';
import { leafBounds, treePeak } from '../tree-bounds.ts';
import { UnquantisableError } from '../unquantisable.ts';
import { coarsen, computed, operand, plain, widthOf } from '../values.ts';

/** Computed features wider than this are requantised before they are compared. */
const comfortableWidth = 24;

/**
 * Every threshold becomes the integer that separates the feature's grid exactly as the float test separates the reals
 * on it. Leaf weights are rounded at a scale so fine that all trees together lose less than the result should keep. On
 * exact features that is the whole error; on others a test may turn out differently, and the bound covers every leaf it
 * could lead to.
 */
export const quantiseTree: Rule<'tree'> = (context, node) => {
  const operands = node.inputs.map((_, index) => featureOperand(context, node, index));
  const features = describeFeatures(context, node, operands);
  const { ensemble, rows, gather, shape } = node;
  const { targets, roots, feature, leafStart, leafTarget } = ensemble;
  const { threshold, equality, left, right } = integerTests(ensemble, features);
  const scale = leafScale(context, ensemble);
  const round = (values: Float64Array): Float64Array => values.map((v) => Math.round(v / scale) + 0);
  const leafWeight = round(ensemble.leafWeight);
  const base = round(ensemble.base);
  const inputs = operands.map(({ id }) => id);
  const leaves = { roots, feature, leafStart, leafTarget, leafWeight, targets, base };
  const tests = { threshold, equality, left, right };
  const quantised = { kind: 'tree' as const, inputs, shape, scale, rows, features: node.features, gather };
  const error = treeError(ensemble, features, leafWeight, base, scale);
  const repeated = Float64Array.from({ length: rows * targets }, (_, i) => error[i % targets]);
  return computed(context, { ...quantised, ...leaves, ...tests }, repeated);
};

/** An input on grids of its own is read as it is; computed values that are needlessly wide are requantised. */
function featureOperand(context: QuantContext, node: TreeNode, index: number): Computed {
  const value = context.operands[index];
  const source = node.inputs[index];
  if (isPending(value)) return operand(context, index);
  if (context.q.node(value.id).kind === 'input' || !isReal(context.graph.nodes[source].dtype)) return value;
  const x = plain(context, value);
  return widthOf(context, x.id) <= comfortableWidth ? x : coarsen(context, x, source, targetScale(context, source));
}

/** What is known of one feature in every row: real = scale·q + zero with q in [lo, hi], up to `error`. */
interface Feature {
  readonly scale: number;
  readonly zero: number;
  readonly lo: number;
  readonly hi: number;
  readonly error: number;
}

function describeFeatures(context: QuantContext, node: TreeNode, operands: readonly Computed[]): Feature[] {
  const elements = operands.flatMap((value) => {
    const { lo, hi } = context.q.range(value.id);
    const source = context.q.node(value.id);
    return Array.from(value.error, (error, i): Feature => {
      const { scale } = source.kind === 'input' ? elementGrid(source, i) : source;
      return { scale, zero: value.zero, lo: lo[i], hi: hi[i], error };
    });
  });
  return Array.from({ length: node.features }, (_, f) => {
    const own = Array.from({ length: node.rows }, (_, row) => elements[node.gather[row * node.features + f]]);
    const [first] = own;
    if (first === undefined) throw new InternalError('a tree without rows');
    if (own.some(({ scale, zero }) => scale !== first.scale || zero !== first.zero)) {
      const fix = 'Evaluate one sample at a time.';
      throw new UnquantisableError(node, `feature ${f} has another scale in another row`, fix);
    }
    return {
      scale: first.scale,
      zero: first.zero,
      lo: own.reduce((least, { lo }) => Math.min(least, lo), first.lo),
      hi: own.reduce((most, { hi }) => Math.max(most, hi), first.hi),
      error: own.reduce((most, { error }) => Math.max(most, error), 0),
    };
  });
}

/** Tests as `q < threshold` or `q = threshold`; those that are true above a threshold swap their children. */
function integerTests(ensemble: TreeEnsemble, features: readonly Feature[]) {
  const size = ensemble.left.length;
  const threshold = new Float64Array(size);
  const equality = new Uint8Array(size);
  const left = Int32Array.from(ensemble.left);
  const right = Int32Array.from(ensemble.right);
  for (let node = 0; node < size; node++) {
    if (ensemble.left[node] < 0) continue;
    const test = ensemble.test[node];
    const own = features[ensemble.feature[node]];
    const equal = test === 'eq' || test === 'ne';
    const mirrored = test === 'ge' || test === 'gt' || test === 'ne';
    threshold[node] = equal ? equalPoint(ensemble, node, own) : flipPoint(ensemble, node, own, !mirrored);
    equality[node] = equal ? 1 : 0;
    if (mirrored) {
      left[node] = ensemble.right[node];
      right[node] = ensemble.left[node];
    }
  }
  return { threshold, equality, left, right };
}

/** The least q in [lo, hi + 1] at which the test no longer gives what it gives below; tests are monotone in q. */
function flipPoint(ensemble: TreeEnsemble, node: number, { scale, zero, lo, hi }: Feature, below: boolean): number {
  let [first, last] = [lo, hi + 1];
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (goesLeft(ensemble, node, scale * middle + zero) === below) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** The q whose real is exactly the threshold, or one that no feature takes. */
function equalPoint(ensemble: TreeEnsemble, node: number, { scale, zero, lo, hi }: Feature): number {
  const q = Math.round((ensemble.threshold[node] - zero) / scale) + 0;
  const real = scale * q + zero;
  const meets = (ensemble.single ? Math.fround(real) : real) === ensemble.threshold[node];
  return meets && q >= lo && q <= hi ? q : hi + 1;
}

/**
 * A power of two that holds every weight exactly, or at which all trees together lose a quarter of what is wanted; in
 * any case one at which their sum stays far below 2^53.
 */
function leafScale(context: QuantContext, ensemble: TreeEnsemble): number {
  const { roots, leafWeight, base } = ensemble;
  const finestExact = 12;
  for (let bits = 0; bits <= finestExact; bits++) {
    const exact = (w: number): boolean => Number.isInteger(w * 2 ** bits);
    if (leafWeight.every(exact) && base.every(exact)) return 2 ** -bits;
  }
  const mostBits = 44;
  const coarsest = treePeak(ensemble) * 2 ** -mostBits;
  const spare = 2 * (roots.length + 1);
  return 2 ** Math.floor(Math.log2(Math.max(targetScale(context, context.id) / spare, coarsest)));
}

/** Per target: rounding where a tree's path is certain, the distance to any leaf below a test that is not. */
function treeError(
  ensemble: TreeEnsemble,
  features: readonly Feature[],
  leafWeight: Float64Array,
  base: Float64Array,
  scale: number,
): Float64Array {
  const { targets, roots, feature, left, right, leafStart, leafTarget } = ensemble;
  const { lo, hi } = leafBounds(ensemble);
  const lost = ensemble.leafWeight.map((w, j) => Math.abs(w - leafWeight[j] * scale));
  const rounding = new Float64Array(left.length * targets);
  const error = new Float64Array(left.length * targets);
  for (let node = left.length - 1; node >= 0; node--) {
    const own = node * targets;
    if (left[node] < 0) {
      for (let j = leafStart[node]; j < leafStart[node + 1]; j++) rounding[own + leafTarget[j]] += lost[j];
      error.set(rounding.subarray(own, own + targets), own);
      continue;
    }
    const certain = features[feature[node]].error === 0;
    const [a, b] = [left[node] * targets, right[node] * targets];
    for (let t = 0; t < targets; t++) {
      rounding[own + t] = Math.max(rounding[a + t], rounding[b + t]);
      const anywhere = hi[own + t] - lo[own + t] + rounding[own + t];
      error[own + t] = certain ? Math.max(error[a + t], error[b + t]) : anywhere;
    }
  }
  return Float64Array.from({ length: targets }, (_, t) => {
    let sum = Math.abs(ensemble.base[t] - base[t] * scale);
    for (const root of roots) sum += error[root * targets + t];
    return sum;
  });
}
