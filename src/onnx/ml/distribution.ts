import type { GraphBuilder, ValueId } from '../../graph/builder.ts';

const distributions = new WeakMap<GraphBuilder, Set<ValueId>>();

/**
 * Notes that the rows of a value are not negative and add up to 1. Exporters normalise such rows again, which changes
 * nothing but would cost a division by a sum that bounds cannot keep away from zero.
 */
export function markDistribution(b: GraphBuilder, id: ValueId): ValueId {
  const known = distributions.get(b) ?? new Set();
  distributions.set(b, known.add(id));
  return id;
}

export const isDistribution = (b: GraphBuilder, id: ValueId): boolean => distributions.get(b)?.has(id) === true;
