import { rangeRows, signRows, zeroRows } from './rows.ts';
import { bitLength } from './width.ts';

/** The open tests of an ensemble, each once however many nodes share it: x < threshold, or x = threshold. */
export class TestBook {
  readonly element: number[] = [];
  readonly threshold: number[] = [];
  readonly equality: boolean[] = [];
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly #ids = new Map<string, number>();

  /** Bounds of all features. */
  constructor(lo: Float64Array, hi: Float64Array) {
    this.lo = lo;
    this.hi = hi;
  }

  /** What the bounds alone answer, if anything. */
  answer(element: number, threshold: number, equality: boolean): boolean | undefined {
    const [lo, hi] = [this.lo[element], this.hi[element]];
    if (!equality) return hi < threshold ? true : lo >= threshold ? false : undefined;
    if (threshold < lo || threshold > hi) return false;
    return lo === hi ? true : undefined;
  }

  id(element: number, threshold: number, equality: boolean): number {
    const key = `${element}:${threshold}:${equality}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.element.push(element);
    this.threshold.push(threshold);
    const id = this.equality.push(equality) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

/**
 * How the tests are made. A feature with few tests has one comparison each. One with many has a ladder: its thresholds
 * cut its range into steps, a one-hot selector names the step that holds x, and two range checks no wider than the widest
 * step prove it; every test is then linear in the selector.
 */
export interface TestPlan {
  readonly rows: number;
  /** Ids of tests made alone. */
  readonly single: readonly number[];
  readonly ladders: readonly Ladder[];
  readonly book: TestBook;
}

export interface Ladder {
  readonly element: number;
  /** Steps are [bounds[j], bounds[j + 1]); the first and last bound enclose the feature's range. */
  readonly bounds: Float64Array;
  /** Bits of the widest step. */
  readonly width: number;
  /** Whether all steps have 2^width values, so that one range check places x. */
  readonly even: boolean;
  readonly tests: readonly number[];
}

export function planTests(book: TestBook): TestPlan {
  const byElement = new Map<number, number[]>();
  for (const [id, element] of book.element.entries()) {
    const tests = byElement.get(element);
    if (tests === undefined) byElement.set(element, [id]);
    else tests.push(id);
  }
  const single: number[] = [];
  const ladders: Ladder[] = [];
  let rows = 0;
  for (const [element, tests] of byElement) {
    const alone = tests.reduce((sum, id) => sum + testRows(book, id), 0);
    const ladder = planLadder(book, element, tests);
    if (ladderRows(ladder) < alone) {
      ladders.push(ladder);
      rows += ladderRows(ladder);
    } else {
      single.push(...tests);
      rows += alone;
    }
  }
  return { rows, single, ladders, book };
}

/** Features that are tested have a wire of their own. */
function testRows({ element, threshold, equality, lo, hi }: TestBook, id: number): number {
  const [least, most] = [lo[element[id]], hi[element[id]]];
  const t = threshold[id];
  return equality[id] ? zeroRows(least - t, most - t, 1) : signRows(t - 1 - most, t - 1 - least, 1);
}

function planLadder({ threshold, equality, lo, hi }: TestBook, element: number, tests: readonly number[]): Ladder {
  const cuts = new Set([lo[element], hi[element] + 1]);
  for (const id of tests) {
    cuts.add(threshold[id]);
    if (equality[id]) cuts.add(threshold[id] + 1);
  }
  const bounds = Float64Array.from(cuts).sort();
  let [narrowest, widest] = [Number.POSITIVE_INFINITY, 0];
  for (let j = 1; j < bounds.length; j++) {
    narrowest = Math.min(narrowest, bounds[j] - bounds[j - 1]);
    widest = Math.max(widest, bounds[j] - bounds[j - 1]);
  }
  const width = bitLength(widest - 1);
  return { element, bounds, width, even: narrowest === 2 ** width, tests };
}

/** One row per step, one range check from below, one from above. */
function ladderRows({ bounds, width, even }: Ladder): number {
  return bounds.length - 1 + (even ? 1 : 2) * rangeRows(width, 3);
}
