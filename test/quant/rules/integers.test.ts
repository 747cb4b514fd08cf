import { describe, expect, it } from 'vitest';
import { compare, divide, negate, select } from '../../../src/graph/compose/arithmetic.ts';
import { fc } from '../../property.ts';
import { integers } from '../arbitrary.ts';
import { run, violation } from '../bound.ts';

const size = 6;

function holds<T extends unknown[]>(property: fc.IProperty<T>): void {
  fc.assert(property, { numRuns: 200 });
}

describe('integers are exact in', () => {
  const pairs = fc.tuple(integers(size, -100, 8), integers(size, 1, 6));

  it('floor and trunc quotients, whatever the divisor’s sign', () => {
    holds(
      fc.property(pairs, fc.boolean(), fc.boolean(), ([x, y], floor, negative) => {
        const outcome = run([x, y], (b, [p, q]) => [
          divide(b, p, negative ? negate(b, q) : q, floor ? 'floor' : 'trunc'),
        ]);
        const sign = negative ? -1 : 1;
        const expected = x.values.map((v, i) => {
          const quotient = v / (sign * y.values[i]);
          return (floor ? Math.floor(quotient) : Math.trunc(quotient)) + 0;
        });
        expect([...outcome.proved[0]].map((v) => v + 0)).toEqual(expected);
        expect(outcome.bounds[0]).toEqual(new Float64Array(size));
      }),
    );
  });

  it('and, or, xor, shifts and wrapping', () => {
    const wide = integers(size, -(2 ** 15), 16, 'int16');
    holds(
      fc.property(wide, wide, fc.integer({ min: 0, max: 14 }), (x, y, amount) => {
        const node = { shape: [size], dtype: 'int16' as const, width: 16, signed: true };
        const outcome = run([x, y], (b, inputs) => [
          b.push({ kind: 'bits', op: 'and', inputs, amount: 0, ...node }),
          b.push({ kind: 'bits', op: 'or', inputs, amount: 0, ...node }),
          b.push({ kind: 'bits', op: 'xor', inputs, amount: 0, ...node }),
          b.push({ kind: 'bits', op: 'shr', inputs: [inputs[0]], amount, ...node }),
          b.push({ kind: 'bits', op: 'wrap', inputs: [inputs[0]], amount: 0, ...node, width: 8, signed: false }),
        ]);
        const expected = [
          x.values.map((v, i) => v & y.values[i]),
          x.values.map((v, i) => v | y.values[i]),
          x.values.map((v, i) => v ^ y.values[i]),
          x.values.map((v) => v >> amount),
          x.values.map((v) => v & 255),
        ];
        expect(outcome.proved.map((tensor) => [...tensor])).toEqual(expected);
        expect(outcome.bounds.every((bound) => bound.every((e) => e === 0))).toBe(true);
        expect(violation(outcome)).toBeUndefined();
      }),
    );
  });

  it('comparisons, selections and order', () => {
    holds(
      fc.property(integers(size, -8, 4), integers(size, -8, 4), (x, y) => {
        const outcome = run([x, y], (b, [p, q]) => [
          compare(b, 'lt', p, q),
          compare(b, 'eq', p, q),
          select(b, compare(b, 'le', p, q), p, q),
        ]);
        const expected = [
          x.values.map((v, i) => Number(v < y.values[i])),
          x.values.map((v, i) => Number(v === y.values[i])),
          x.values.map((v, i) => Math.min(v, y.values[i])),
        ];
        expect(outcome.proved.map((tensor) => [...tensor])).toEqual(expected);
        expect(outcome.bounds.every((bound) => bound.every((e) => e === 0))).toBe(true);
      }),
    );
  });
});
