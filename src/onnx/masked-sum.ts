import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { add, select } from '../graph/compose/arithmetic.ts';

/**
 * x + y. Where an operand chooses −∞ at run time (a boolean mask made additive), the choice is made after the sum:
 * −∞ then stays a constant of its own, which a softmax behind it can do without.
 */
export function maskedSum(b: GraphBuilder, x: ValueId, y: ValueId): ValueId {
  return maskSum(b, x, y) ?? maskSum(b, y, x) ?? add(b, x, y);
}

function maskSum(b: GraphBuilder, x: ValueId, mask: ValueId): ValueId | undefined {
  const { kind, inputs } = b.node(mask);
  if (kind !== 'select') return undefined;
  const [condition, whenTrue, whenFalse] = inputs;
  const sum = (y: ValueId): ValueId => (b.constant(y)?.every((v) => v === 0) ? x : add(b, x, y));
  if (isMinusInfinity(b, whenFalse)) return select(b, condition, sum(whenTrue), whenFalse);
  return isMinusInfinity(b, whenTrue) ? select(b, condition, whenTrue, sum(whenFalse)) : undefined;
}

const isMinusInfinity = (b: GraphBuilder, id: ValueId): boolean =>
  b.constant(id)?.every((v) => v === Number.NEGATIVE_INFINITY) ?? false;
