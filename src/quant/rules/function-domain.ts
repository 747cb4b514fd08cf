import type { FunctionNode } from '../../graph/graph.ts';
import { type SmoothShape, shapeOf } from '../../graph/smooth-shape.ts';
import type { Computed, QuantContext } from '../context.ts';
import { truthOf } from '../truth.ts';
import { UnquantisableError } from '../unquantisable.ts';

/** Per element, an interval that holds the exact operand as well as what its integers stand for. */
export interface Reach {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/**
 * The reach of a function's operand within its domain. Refuses operands that can really leave the domain; those that
 * only their rounding takes out of it are cut at its ends. `margin` is a rounding still to come.
 */
export function reachOf(context: QuantContext, node: FunctionNode, x: Computed, margin: number): Reach {
  const { domain } = shapeOf(node.fn);
  const { lo, hi } = context.q.range(x.id);
  const { scale } = context.q.node(x.id);
  const truth = truthOf(context.graph, node.inputs[0]);
  const least = new Float64Array(lo.length);
  const most = new Float64Array(lo.length);
  for (let i = 0; i < lo.length; i++) {
    const slack = x.error[i] + margin;
    const [low, high] = [lo[i] * scale, hi[i] * scale];
    if (high + slack < domain.lo || low - slack > domain.hi || low + slack < domain.lo || high - slack > domain.hi) {
      throw new DomainError(node, i, low, high, domain);
    }
    least[i] = Math.min(Math.max(low - slack, truth.lo, domain.lo), Math.max(low, domain.lo));
    most[i] = Math.max(Math.min(high + slack, truth.hi, domain.hi), Math.min(high, domain.hi));
    if (domain.open && (least[i] <= domain.lo || most[i] >= domain.hi))
      throw new DomainError(node, i, low, high, domain);
    if (node.fn.name === 'tan' && branch(least[i]) !== branch(most[i])) throw new PoleError(node, i, least[i], most[i]);
  }
  return { lo: least, hi: most };
}

/** Tangent jumps from +∞ to −∞ between branches. */
const branch = (x: number): number => Math.floor(x / Math.PI + 0.5);

export class DomainError extends UnquantisableError {
  constructor(node: FunctionNode, index: number, lo: number, hi: number, domain: SmoothShape['domain']) {
    const ends = `${domain.open ? '(' : '['}${domain.lo}, ${domain.hi}${domain.open ? ')' : ']'}`;
    super(
      node,
      `${node.fn.name} is defined on ${ends}, but element ${index} of its operand can be in [${lo}, ${hi}]`,
      'Declare input bounds that keep it inside, clip it before this operator, or give inputs more bits.',
    );
  }
}

class PoleError extends UnquantisableError {
  constructor(node: FunctionNode, index: number, lo: number, hi: number) {
    super(
      node,
      `tan has a pole within [${lo}, ${hi}], which element ${index} of its operand can reach`,
      'Declare input bounds between two poles.',
    );
  }
}
