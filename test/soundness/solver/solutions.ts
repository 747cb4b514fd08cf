import type { System } from '../../../src/r1cs/system.ts';
import { type Bounds, inferBounds } from './bounds.ts';
import { type Assignment, zerosOf } from './enumerate.ts';
import { addScaled, inverse, type Linear, mod, type Row, reduce, rowsOf, sameLinear } from './linear.ts';

/** What the rows leave open once some wires are given. */
export type Verdict =
  | { readonly kind: 'solutions'; readonly solutions: readonly (readonly bigint[])[] }
  /** Some wire may hold anything, or more solutions exist than were asked for. */
  | { readonly kind: 'free'; readonly wire: number }
  /** The search could not decide; a proof of uniqueness it is not. */
  | { readonly kind: 'undecided'; readonly wire: number };

export interface SolveOptions {
  /** A row to leave out. */
  readonly without?: number;
  /** More solutions than this end the search. */
  readonly most?: number;
}

/**
 * All assignments of the wires that satisfy every row, given the values of some: complete, over the whole field. Rows
 * with one unknown are solved; bounded expressions that must vanish are enumerated; products that vanish split into
 * their factors; a bounded wire is tried with every value as a last resort.
 */
export function solveAll(system: System, given: ReadonlyMap<number, bigint>, options: SolveOptions = {}): Verdict {
  const rows = rowsOf(system).filter((_, row) => row !== options.without);
  const values: (bigint | undefined)[] = Array.from({ length: system.wires }, () => undefined);
  values[0] = 1n;
  for (const [wire, value] of given) values[wire] = mod(value);
  const search = new Search(rows, values, inferBounds(rows, values), options.most ?? 4);
  const stop = search.run({ equations: [], split: new Set() });
  return stop ?? { kind: 'solutions', solutions: search.solutions };
}

type Stop = Exclude<Verdict, { kind: 'solutions' }>;

/** Equations assumed below a case distinction, and the rows whose products they settle. */
interface State {
  readonly equations: readonly Linear[];
  readonly split: ReadonlySet<number>;
}

interface Branch {
  readonly choice: Assignment;
  readonly next: State;
}

/** How a row or an added equation stands once the known wires are put in. */
type Standing =
  | { readonly kind: 'done' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'choices'; readonly choices: readonly Assignment[] }
  | { readonly kind: 'split'; readonly zeros: readonly Linear[] }
  | { readonly kind: 'open'; readonly wires: Iterable<number> };

class Search {
  readonly solutions: bigint[][] = [];
  readonly #rows: readonly Row[];
  readonly #values: (bigint | undefined)[];
  readonly #bounds: readonly (Bounds | undefined)[];
  readonly #most: number;
  readonly #watch = new Map<number, number[]>();
  readonly #seen = new Set<string>();

  constructor(
    rows: readonly Row[],
    values: (bigint | undefined)[],
    bounds: readonly (Bounds | undefined)[],
    most: number,
  ) {
    this.#rows = rows;
    this.#values = values;
    this.#bounds = bounds;
    this.#most = most;
    for (const [row, { a, b, c }] of rows.entries()) {
      for (const wire of new Set([...a.terms.keys(), ...b.terms.keys(), ...c.terms.keys()])) {
        const watching = this.#watch.get(wire);
        if (watching === undefined) this.#watch.set(wire, [row]);
        else watching.push(row);
      }
    }
  }

  /** Searches below the current values. */
  run(state: State, dirty?: Iterable<number>): Stop | undefined {
    const trail: number[] = [];
    const stop = this.#explore(state, trail, dirty);
    for (const wire of trail) this.#values[wire] = undefined;
    return stop;
  }

  #explore(state: State, trail: number[], dirty?: Iterable<number>): Stop | undefined {
    if (!this.#propagate(state.equations, trail, dirty)) return undefined;
    const open = this.#values.indexOf(undefined);
    if (open < 0) return this.#report();
    const constrained = new Set<number>();
    const branches = this.#fewestBranches(state, constrained) ?? this.#everyValue(state, constrained);
    if (branches === undefined) {
      const [undecided] = constrained;
      return undecided === undefined ? { kind: 'free', wire: open } : { kind: 'undecided', wire: undecided };
    }
    for (const { choice, next } of branches) {
      for (const [wire, value] of choice) this.#values[wire] = value;
      const stop = this.run(next, this.#touching(choice));
      for (const [wire] of choice) this.#values[wire] = undefined;
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** The case distinction with the fewest cases; wires that some row still speaks of go to `constrained`. */
  #fewestBranches(state: State, constrained: Set<number>): readonly Branch[] | undefined {
    let best: readonly Branch[] | undefined;
    const offer = (branches: readonly Branch[]): void => {
      if (best === undefined || branches.length < best.length) best = branches;
    };
    const consider = (standing: Standing, row?: number): void => {
      if (standing.kind === 'choices') offer(standing.choices.map((choice) => ({ choice, next: state })));
      if (standing.kind === 'open') for (const wire of standing.wires) constrained.add(wire);
      if (standing.kind !== 'split' || row === undefined || state.split.has(row)) return;
      const split = new Set([...state.split, row]);
      offer(standing.zeros.map((zero) => ({ choice: [], next: { equations: [...state.equations, zero], split } })));
    };
    for (const equation of state.equations) consider(this.#judgeZero(reduce(equation, this.#values)));
    for (const [row, own] of this.#rows.entries()) consider(this.#judge(own), row);
    return best;
  }

  /** Last resort: all values of the bounded wire that has the fewest. */
  #everyValue(state: State, constrained: ReadonlySet<number>): readonly Branch[] | undefined {
    let [chosen, count] = [-1, 5000n];
    for (const wire of constrained) {
      const own = this.#bounds[wire];
      if (own === undefined || own.hi - own.lo >= count) continue;
      [chosen, count] = [wire, own.hi - own.lo + 1n];
    }
    const own = this.#bounds[chosen];
    if (own === undefined) return undefined;
    return Array.from({ length: Number(count) }, (_, i) => ({
      choice: [[chosen, mod(own.lo + BigInt(i))] as const],
      next: state,
    }));
  }

  #report(): Stop | undefined {
    const solution = this.#values.map((value) => value ?? 0n);
    const key = solution.join();
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    this.solutions.push(solution);
    return this.solutions.length > this.#most ? { kind: 'free', wire: 0 } : undefined;
  }

  #touching(choice: Assignment): Set<number> {
    const rows = new Set<number>();
    for (const [wire] of choice) for (const row of this.#watch.get(wire) ?? []) rows.add(row);
    return rows;
  }

  /** Solves whatever has one solution; false when something has none. */
  #propagate(equations: readonly Linear[], trail: number[], dirty?: Iterable<number>): boolean {
    const queue = new Set(dirty ?? this.#rows.keys());
    let again = true;
    while (again) {
      again = false;
      for (const row of queue) {
        queue.delete(row);
        if (!this.#apply(this.#judge(this.#rows[row]), trail, queue)) return false;
      }
      for (const equation of equations) {
        if (!this.#apply(this.#judgeZero(reduce(equation, this.#values)), trail, queue)) return false;
      }
      again = queue.size > 0;
    }
    return true;
  }

  #apply(standing: Standing, trail: number[], queue: Set<number>): boolean {
    if (standing.kind === 'broken') return false;
    if (standing.kind !== 'choices' || standing.choices.length !== 1) return true;
    for (const [wire, value] of standing.choices[0]) {
      this.#values[wire] = value;
      trail.push(wire);
      for (const row of this.#watch.get(wire) ?? []) queue.add(row);
    }
    return true;
  }

  #judge(row: Row): Standing {
    const a = reduce(row.a, this.#values);
    const b = reduce(row.b, this.#values);
    const c = reduce(row.c, this.#values);
    if (a.terms.size === 0) return this.#judgeZero(addScaled(b, a.constant, addScaled(c, -1n, empty)));
    if (b.terms.size === 0) return this.#judgeZero(addScaled(a, b.constant, addScaled(c, -1n, empty)));
    if (sameLinear(a, b) && sameLinear(a, c)) {
      return this.#judgeProduct(a, { constant: mod(a.constant - 1n), terms: a.terms });
    }
    if (c.terms.size === 0 && c.constant === 0n) return this.#judgeProduct(a, b);
    return { kind: 'open', wires: new Set([...a.terms.keys(), ...b.terms.keys(), ...c.terms.keys()]) };
  }

  #judgeZero(form: Linear): Standing {
    if (form.terms.size === 0) return { kind: form.constant === 0n ? 'done' : 'broken' };
    if (form.terms.size === 1) {
      const [[wire, coefficient]] = form.terms;
      return { kind: 'choices', choices: [[[wire, mod(-form.constant * inverse(coefficient))]]] };
    }
    const choices = zerosOf(form, this.#bounds, 16);
    if (choices === undefined) return { kind: 'open', wires: form.terms.keys() };
    return choices.length === 0 ? { kind: 'broken' } : { kind: 'choices', choices };
  }

  #judgeProduct(left: Linear, right: Linear): Standing {
    const sides = [left, right].map((form) => this.#judgeZero(form));
    const possible = sides.filter(({ kind }) => kind !== 'broken');
    if (possible.length === 0) return { kind: 'broken' };
    if (possible.some(({ kind }) => kind === 'done')) return { kind: 'done' };
    if (possible.length === 1) return possible[0];
    const choices = possible.flatMap((side) => (side.kind === 'choices' ? side.choices : []));
    if (possible.every(({ kind }) => kind === 'choices')) return { kind: 'choices', choices };
    return { kind: 'split', zeros: [left, right] };
  }
}

const empty: Linear = { constant: 0n, terms: new Map() };
