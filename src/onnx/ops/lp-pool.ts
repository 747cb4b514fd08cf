import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { apply, multiply, sqrt } from '../../graph/compose/arithmetic.ts';
import { sumOver } from '../../graph/compose/linear.ts';
import { magnitude } from '../../graph/compose/magnitude.ts';
import type { OpContext, OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';
import { globally, poolOf, windowSum } from './pool.ts';

const highest = 8;

function exponentOf({ attributes, op }: OpContext): number {
  const p = attributes.int('p', 2);
  if (p >= 1 && p <= highest) return p;
  throw new UnsupportedError(`${op} with p = ${p}`, `Use p from 1 to ${highest}.`);
}

/** |x|^p by repeated products. */
function raise(b: GraphBuilder, x: ValueId, p: number): ValueId {
  const base = p % 2 === 0 ? multiply(b, x, x) : magnitude(b, x);
  const factor = p % 2 === 0 || p === 1 ? base : multiply(b, x, x);
  let result = base;
  for (let degree = p % 2 === 0 ? 2 : 1; degree < p; degree += 2) result = multiply(b, result, factor);
  return result;
}

/**
 * x^(1/p) for x ≥ 0. Square roots keep their precision down to zero, where an odd root is too steep for a table: those
 * take the root of the next power of two q first, which leaves the gentle exponent q / p.
 */
function root(b: GraphBuilder, x: ValueId, p: number): ValueId {
  let q = 1;
  let result = x;
  for (; q < p; q *= 2) result = sqrt(b, result);
  return q === p ? result : apply(b, result, 'power', q / p);
}

function lpPool(context: OpContext): ValueId[] {
  const { b } = context;
  const p = exponentOf(context);
  const pool = poolOf(context);
  return [root(b, windowSum(b, { ...pool, x: raise(b, pool.x, p) }, 1), p)];
}

function globalLpPool(context: OpContext): ValueId[] {
  const { b } = context;
  const p = exponentOf(context);
  return globally(context, (x, axes) => root(b, sumOver(b, raise(b, x, p), axes), p));
}

export const ops: OpTable = { LpPool: lpPool, GlobalLpPool: globalLpPool };
