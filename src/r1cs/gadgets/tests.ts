import type { Ladder, TestPlan } from '../../quant/tree-tests.ts';
import type { Lowering } from '../lower/context.ts';
import type { Selector } from '../selector.ts';
import type { Side } from '../side.ts';
import type { Quantity } from '../wire-tensor.ts';
import { decompose } from './bits.ts';
import { selectOne } from './one-hot.ts';
import { Assembly, combine, known, pick, valuesAt } from './quantity.ts';
import { isNonNegative } from './sign.ts';
import { isZero } from './zero.ts';

/**
 * The answers of all tests of an ensemble, as 0 or 1. A test made alone is the sign of threshold − 1 − x, or the test of
 * x − threshold for zero. A ladder's selector names a step [bounds_j, bounds_{j+1}); range checks of x − bounds_j and of
 * bounds_{j+1} − 1 − x, both linear in the selector, prove that x lies in it. Steps do not overlap and cover x's bounds, so
 * that the selector is unique, and every test is a sum of its parts. Rows: `planTests`.
 */
export function answerTests(context: Lowering, plan: TestPlan, origin: number): Quantity {
  const { book, single, ladders } = plan;
  const threshold = Float64Array.from(book.threshold);
  const x = pick(context, context.operands, Int32Array.from(book.element));
  const answers = new Assembly(threshold);
  for (const equality of [false, true]) {
    const tests = Int32Array.from(single.filter((id) => book.equality[id] === equality));
    if (tests.length > 0) answers.put(tests, equality ? equal(tests) : below(tests));
  }
  for (const ladder of ladders) {
    const selector = climbLadder(
      context,
      ladder,
      pick(context, context.operands, Int32Array.of(ladder.element)),
      origin,
    );
    answers.put(Int32Array.from(ladder.tests), {
      size: ladder.tests.length,
      emit: (side, i, factor) => readStep(side, selector, ladder, book, ladder.tests[i], factor),
    });
  }
  return { ...answers.finish(), terms: 2, column: answerColumn(context, x, threshold, book) };

  function below(tests: Int32Array): Quantity {
    const limit = valuesAt(threshold, tests);
    const lead = combine(
      context,
      [[pick(context, [x], tests), -1]],
      limit.map((t) => t - 1),
    );
    const [lo, hi] = boundsOf(tests);
    const least = limit.map((t, i) => t - 1 - hi[i]);
    return isNonNegative(
      context,
      lead,
      least,
      limit.map((t, i) => t - 1 - lo[i]),
      origin,
    );
  }
  function equal(tests: Int32Array): Quantity {
    const limit = valuesAt(threshold, tests);
    const difference = combine(
      context,
      [[pick(context, [x], tests), 1]],
      limit.map((t) => -t + 0),
    );
    const [lo, hi] = boundsOf(tests);
    return isZero(
      context,
      difference,
      lo.map((v, i) => v - limit[i]),
      hi.map((v, i) => v - limit[i]),
      origin,
    );
  }
  function boundsOf(tests: Int32Array): readonly [Float64Array, Float64Array] {
    const of = (bounds: Float64Array): Float64Array => Float64Array.from(tests, (id) => bounds[book.element[id]]);
    return [of(book.lo), of(book.hi)];
  }
}

function climbLadder(context: Lowering, ladder: Ladder, x: Quantity, origin: number): Selector {
  const { bounds, width, even } = ladder;
  const { hints } = context;
  const steps = bounds.length - 1;
  const step = hints.derive({ kind: 'rank', column: x.column, bounds });
  const selector = selectOne(context, step, 1, steps, origin);
  const bound = (offset: 0 | 1): Quantity => {
    const table = bounds.subarray(offset, steps + offset);
    return {
      size: 1,
      terms: steps,
      column: hints.derive({ kind: 'lookup', column: step, table }),
      emit(side, _i, factor) {
        for (let j = 0; j < steps; j++) selector.at(side, 0, j, factor * table[j] + 0);
      },
    };
  };
  const options = { widths: Uint8Array.of(width), offset: new Float64Array(1), origin };
  const above = [
    [x, 1],
    [bound(0), -1],
  ] as const;
  decompose(context, { ...combine(context, above, 0), terms: 3 }, options);
  if (even) return selector;
  const under = [
    [bound(1), 1],
    [x, -1],
  ] as const;
  decompose(context, { ...combine(context, under, -1), terms: 3 }, options);
  return selector;
}

function readStep(
  side: Side,
  selector: Selector,
  { bounds }: Ladder,
  { threshold, equality }: TestPlan['book'],
  id: number,
  factor: number,
): void {
  const step = bounds.indexOf(threshold[id]);
  if (equality[id]) selector.at(side, 0, step, factor);
  else selector.below(side, 0, step, factor);
}

/** Honest answers of all tests. */
function answerColumn(context: Lowering, x: Quantity, threshold: Float64Array, { equality }: TestPlan['book']): number {
  const { hints } = context;
  const distance = combine(
    context,
    [[x, -1]],
    threshold.map((t, i) => (equality[i] ? t : t - 1)),
  );
  const pickKind = (column: number, wanted: boolean): number => {
    const mask = known(
      context,
      Float64Array.from(equality, (own) => (own === wanted ? 1 : 0)),
    );
    return hints.derive({ kind: 'product', left: column, right: mask.column });
  };
  const terms = [
    pickKind(hints.derive({ kind: 'sign', column: distance.column }), false),
    pickKind(hints.derive({ kind: 'zero', column: distance.column }), true),
  ].map((column) => ({ column, coefficient: 1 }));
  return hints.derive({ kind: 'combine', terms, constant: 0, size: x.size });
}
