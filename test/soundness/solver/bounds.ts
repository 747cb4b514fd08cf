import { type Linear, type Row, sameLinear, signed } from './linear.ts';

/** Integers that a wire is known to stand for in every solution. */
export interface Bounds {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** Wider intervals are of no use: sums of them could wrap around the field. */
const limit = 2n ** 120n;

/**
 * Bounds that the rows force, from those of known wires: a wire in an expression that squares to itself, or in a linear
 * row, whose other wires are bounded, and products of bounded wires. A solution can hold no other values.
 */
export function inferBounds(rows: readonly Row[], known: readonly (bigint | undefined)[]): (Bounds | undefined)[] {
  const bounds = known.map((value) => (value === undefined ? undefined : pointBounds(value)));
  let changed = true;
  const note = (wire: number, found: Bounds | undefined): void => {
    if (found === undefined) return;
    const before = bounds[wire];
    const lo = before === undefined || found.lo > before.lo ? found.lo : before.lo;
    const hi = before === undefined || found.hi < before.hi ? found.hi : before.hi;
    if (before !== undefined && lo === before.lo && hi === before.hi) return;
    bounds[wire] = { lo, hi };
    changed = true;
  };
  for (let round = 0; changed && round < 40; round++) {
    changed = false;
    for (const row of rows) {
      for (const [form, range] of equationsOf(row, bounds)) {
        for (const [wire, coefficient] of form.terms) note(wire, isolate(form, range, wire, coefficient, bounds));
      }
    }
  }
  return bounds;
}

const zero: Bounds = { lo: 0n, hi: 0n };

function pointBounds(value: bigint): Bounds | undefined {
  const point = signed(value);
  return point > -limit && point < limit ? { lo: point, hi: point } : undefined;
}

/** Expressions of a row with the integers that they can take. */
function equationsOf({ a, b, c }: Row, bounds: readonly (Bounds | undefined)[]): (readonly [Linear, Bounds])[] {
  if (sameLinear(a, b) && sameLinear(a, c)) return [[a, { lo: 0n, hi: 1n }]];
  const fixed = [a, b].find(({ terms }) => terms.size === 0);
  if (fixed !== undefined) {
    const other = fixed === a ? b : a;
    const k = signed(fixed.constant);
    const form = { constant: signed(k * other.constant - c.constant), terms: new Map<number, bigint>() };
    for (const [wire, coefficient] of other.terms) form.terms.set(wire, k * coefficient);
    for (const [wire, coefficient] of c.terms) form.terms.set(wire, (form.terms.get(wire) ?? 0n) - coefficient);
    return [[form, zero]];
  }
  const [left, right] = [rangeOf(a, bounds), rangeOf(b, bounds)];
  if (left === undefined || right === undefined) return [];
  const corners = [left.lo * right.lo, left.lo * right.hi, left.hi * right.lo, left.hi * right.hi];
  const lo = corners.reduce((least, v) => (v < least ? v : least));
  const hi = corners.reduce((most, v) => (v > most ? v : most));
  return [[c, { lo, hi }]];
}

export function rangeOf(form: Linear, bounds: readonly (Bounds | undefined)[], except = -1): Bounds | undefined {
  let lo = signed(form.constant);
  let hi = lo;
  for (const [wire, coefficient] of form.terms) {
    if (wire === except) continue;
    const own = bounds[wire];
    if (own === undefined) return undefined;
    const k = signed(coefficient);
    lo += k * (k > 0n ? own.lo : own.hi);
    hi += k * (k > 0n ? own.hi : own.lo);
    if (lo < -limit || hi > limit) return undefined;
  }
  return { lo, hi };
}

/** The integers that a wire with coefficient ±1 can take when form is in `range`. */
function isolate(
  form: Linear,
  range: Bounds,
  wire: number,
  coefficient: bigint,
  bounds: readonly (Bounds | undefined)[],
): Bounds | undefined {
  const k = signed(coefficient);
  if (k !== 1n && k !== -1n) return undefined;
  const rest = rangeOf(form, bounds, wire);
  if (rest === undefined) return undefined;
  return k === 1n
    ? { lo: range.lo - rest.hi, hi: range.hi - rest.lo }
    : { lo: rest.lo - range.hi, hi: rest.hi - range.lo };
}
