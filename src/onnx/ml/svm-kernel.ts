import type { ValueId } from '../../graph/builder.ts';
import { add, apply, multiply, scale } from '../../graph/compose/arithmetic.ts';
import { linearRows, sumOver } from '../../graph/compose/linear.ts';
import { constant, reshape } from '../../graph/compose/movement.ts';
import type { OpContext } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import type { FeatureRows } from './rows.ts';

const highestDegree = 16;

/** K(x, v) for every sample x and every one of `count` support vectors: [rows, count]. */
export function kernelRows(context: OpContext, { x, rows, features }: FeatureRows, count: number): ValueId {
  const { b, attributes } = context;
  const kind = attributes.string('kernel_type', 'LINEAR');
  const weight = Float64Array.from(attributes.floats('support_vectors'));
  if (weight.length !== count * features) {
    const message = `${weight.length} numbers for ${count} support vectors of ${features} features`;
    throw new UnsupportedError(message, 'Re-export the model.');
  }
  const product = linearRows(b, { x, rows, depth: features, outs: count, weight });
  if (kind === 'LINEAR') return product;
  const [gamma = 0, offset = 0, degree = 0] = attributes.floats('kernel_params', []);
  if (kind === 'RBF') {
    const own = reshape(b, sumOver(b, multiply(b, x, x), [1]), [rows, 1]);
    const lengths = Float64Array.from({ length: count }, (_, i) => {
      return weight.subarray(i * features, (i + 1) * features).reduce((sum, v) => sum + v * v, 0);
    });
    const distance = add(b, add(b, scale(b, product, -2), own), constant(b, [1, count], lengths, b.dtype(x)));
    return apply(b, scale(b, distance, -gamma), 'exp');
  }
  const inner = scale(b, product, gamma, offset);
  if (kind === 'SIGMOID') return apply(b, inner, 'tanh');
  if (kind !== 'POLY') throw new UnsupportedError(`kernel "${kind}" is unknown`, 'Use LINEAR, RBF, POLY or SIGMOID.');
  if (!Number.isInteger(degree) || degree < 1 || degree > highestDegree) {
    const fix = `Use a whole degree up to ${highestDegree}.`;
    throw new UnsupportedError(`a polynomial kernel of degree ${degree}`, fix);
  }
  let power = inner;
  for (let d = 1; d < degree; d++) power = multiply(b, power, inner);
  return power;
}
