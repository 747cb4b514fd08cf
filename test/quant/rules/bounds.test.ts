import { describe, expect, it } from 'vitest';
import { VouchError } from '../../../src/errors.ts';
import type { GraphBuilder, ValueId } from '../../../src/graph/builder.ts';
import {
  apply,
  clip,
  compare,
  divide,
  multiply,
  negate,
  scale,
  select,
  sqrt,
} from '../../../src/graph/compose/arithmetic.ts';
import { constant } from '../../../src/graph/compose/movement.ts';
import type { RangePolicy } from '../../../src/quant/precision.ts';
import { fc } from '../../property.ts';
import { reals } from '../arbitrary.ts';
import { type Operand, run, violation } from '../bound.ts';

const size = 6;
const runs = 250;

type Form = (b: GraphBuilder, x: ValueId) => ValueId;
/** How an operand is made from an input: itself, or something wider at a scale of its own. */
const forms = fc.constantFrom<Form>(
  (_b, x) => x,
  (b, x) => multiply(b, x, x),
  (b, x) => multiply(b, multiply(b, x, x), scale(b, x, 0.37)),
  (b, x) => scale(b, x, 1.7, 0.25),
);
const divisors = fc.constantFrom<Form>(
  (_b, x) => x,
  (b, x) => negate(b, x),
  (b, x) => scale(b, multiply(b, x, x), 0.3, 1),
);
const constants = (b: GraphBuilder, data: readonly number[]): ValueId =>
  constant(b, [data.length], Float64Array.from(data), 'float32');

const policies = fc.constantFrom<RangePolicy>({ name: 'worst-case' }, { name: 'calibrated', margin: 1.5 });

interface Case {
  readonly operands: readonly Operand[];
  readonly build: Parameters<typeof run>[1];
}

/** Checks bounds on random cases. Refusing a case is no violation, but must stay the exception. */
function bounded<T>(choices: fc.Arbitrary<T>, caseOf: (choice: T) => Case): void {
  let refused = 0;
  fc.assert(
    fc.property(choices, fc.integer({ min: 4, max: 16 }), policies, (choice, activationBits, policy) => {
      const { operands, build } = caseOf(choice);
      try {
        expect(violation(run(operands, build, { activationBits }, policy))).toBeUndefined();
      } catch (error) {
        if (!(error instanceof VouchError)) throw error;
        refused++;
      }
    }),
    { numRuns: runs },
  );
  expect(refused).toBeLessThan(runs / 5);
}

describe('the proved bound is never below the error of', () => {
  const modes = fc.constantFrom('floor' as const, 'ceil' as const, 'trunc' as const, 'even' as const);
  const relations = fc.constantFrom('lt' as const, 'le' as const, 'eq' as const);
  const real = fc.double({ min: -20, max: 40, noNaN: true });

  it('clip', () => {
    const lo = fc.oneof(real, fc.constantFrom(0, -1, Number.NEGATIVE_INFINITY));
    const hi = fc.oneof(real, fc.constantFrom(0, 6, Number.POSITIVE_INFINITY));
    bounded(fc.record({ x: reals(size), f: forms, lo, hi }), ({ x, f, lo, hi }) => ({
      operands: [x],
      build: (b, [id]) => [clip(b, f(b, id), lo, hi)],
    }));
  });

  it('round', () => {
    bounded(fc.record({ x: reals(size), f: forms, mode: modes }), ({ x, f, mode }) => ({
      operands: [x],
      build: (b, [id]) => [b.push({ kind: 'round', inputs: [f(b, id)], shape: [size], dtype: 'float32', mode })],
    }));
  });

  it('compare, of two computed operands', () => {
    const choices = fc.record({ x: reals(size), y: reals(size), f: forms, g: forms, relation: relations });
    bounded(choices, ({ x, y, f, g, relation }) => ({
      operands: [x, y],
      build: (b, [p, q]) => [compare(b, relation, f(b, p), g(b, q))],
    }));
  });

  it('compare, with a constant', () => {
    const data = fc.array(real, { minLength: size, maxLength: size });
    bounded(fc.record({ x: reals(size), f: forms, relation: relations, data }), ({ x, f, relation, data }) => ({
      operands: [x],
      build: (b, [id]) => [
        compare(b, relation, f(b, id), constants(b, data)),
        compare(b, relation, constants(b, data), f(b, id)),
      ],
    }));
  });

  it('select', () => {
    bounded(fc.record({ x: reals(size), y: reals(size), f: forms, g: forms }), ({ x, y, f, g }) => ({
      operands: [x, y],
      build: (b, [p, q]) => [
        select(b, compare(b, 'lt', p, q), f(b, q), g(b, p)),
        select(b, compare(b, 'le', q, p), constants(b, [1, -2, 3, 4, 5.5, 6.25]), f(b, p)),
      ],
    }));
  });

  it('topk', () => {
    bounded(fc.record({ x: reals(size), f: forms, largest: fc.boolean() }), ({ x, f, largest }) => ({
      operands: [x],
      build: (b, [id]) => {
        const node = { kind: 'topk' as const, inputs: [f(b, id)], shape: [2, 2], rows: 2, length: 3, k: 2, largest };
        return [
          b.push({ ...node, dtype: 'float32', result: 'values' }),
          b.push({ ...node, dtype: 'int64', result: 'indices' }),
        ];
      },
    }));
  });

  it('sqrt', () => {
    bounded(fc.record({ x: reals(size), f: forms }), ({ x, f }) => ({
      operands: [x],
      build: (b, [id]) => {
        const y = f(b, id);
        return [sqrt(b, multiply(b, y, y)), sqrt(b, apply(b, id, 'sigmoid'))];
      },
    }));
  });

  it('the real quotient', () => {
    const choices = fc.record({ x: reals(size), y: reals(size, { positive: true }), f: forms, g: divisors });
    bounded(choices, ({ x, y, f, g }) => ({
      operands: [x, y],
      build: (b, [p, q]) => [divide(b, f(b, p), g(b, q)), divide(b, constants(b, [1]), g(b, q))],
    }));
  });

  it('the whole quotient of reals', () => {
    const mode = fc.constantFrom('floor' as const, 'trunc' as const);
    const choices = fc.record({ x: reals(size), y: reals(size, { positive: true }), g: divisors, mode });
    bounded(choices, ({ x, y, g, mode }) => ({
      operands: [x, y],
      build: (b, [p, q]) => [divide(b, p, g(b, q), mode)],
    }));
  });
});
