import { describe, expect, it } from 'vitest';
import { add, clip, compare, divide, scale, select, sqrt } from '../../../src/graph/compose/arithmetic.ts';
import { constant } from '../../../src/graph/compose/movement.ts';
import { roundEven } from '../../../src/graph/kernels/elementwise.ts';
import { UnquantisableError } from '../../../src/quant/unquantisable.ts';
import { run, violation } from '../bound.ts';

const cents = { scale: 0.01, lo: -300, bits: 10 };

describe('on a decimal grid', () => {
  const values = [-2.5, -1.5, -1.49, -0.5, 0, 0.49, 0.5, 0.51, 1, 1.5, 2.5, 2.99];

  it.each([
    ['floor', Math.floor],
    ['ceil', Math.ceil],
    ['trunc', Math.trunc],
    ['even', roundEven],
  ] as const)('%s meets integers and halves exactly', (mode, expected) => {
    const { proved } = run([{ ...cents, values }], (b, inputs) => [
      b.push({ kind: 'round', inputs, shape: [values.length], dtype: 'float32', mode }),
    ]);
    expect([...proved[0]].map((v) => v + 0)).toEqual(values.map((v) => expected(v) + 0));
  });

  it('a constant between two grid points costs no bit and decides like the float', () => {
    const { proved, model } = run([{ ...cents, values }], (b, [x]) => [
      compare(b, 'le', x, constant(b, [1], Float64Array.of(0.495), 'float32')),
    ]);
    expect([...proved[0]]).toEqual(values.map((v) => Number(v <= 0.495)));
    expect(model.graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'const', 'compare']);
  });
});

describe('bounds are zero where the ranges decide', () => {
  const x = { scale: 0.1, lo: 0, bits: 4, values: [0.31, 1.2] };

  it('for a comparison, which is then a constant', () => {
    const { bounds, model } = run([x], (b, [id]) => [
      compare(b, 'lt', id, constant(b, [1], Float64Array.of(9), 'float32')),
    ]);
    expect([...bounds[0]]).toEqual([0, 0]);
    expect(model.graph.nodes.at(-1)?.kind).toBe('const');
  });

  it('for a rounding and a whole quotient', () => {
    const { bounds, proved } = run([{ ...x, bits: 3, values: [0.31, 0.7] }], (b, [id]) => [
      b.push({ kind: 'round', inputs: [scale(b, id, 0.1, 0.2)], shape: [2], dtype: 'float32', mode: 'floor' }),
      divide(b, id, constant(b, [2], Float64Array.of(2, 3), 'float32'), 'trunc'),
    ]);
    expect(bounds.map((bound) => [...bound])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(proved.map((values) => [...values])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('real results keep about the bits asked for', () => {
  const fine = { scale: 2 ** -16, lo: 2 ** 14, bits: 16, values: [0.25, 0.9, 1.2] };

  it.each([8, 12, 16])('quotient and root at %i bits', (activationBits) => {
    const { bounds, float } = run(
      [fine, { ...fine, values: [1.1, 0.3, 0.7] }],
      (b, [x, y]) => [divide(b, x, y), sqrt(b, x)],
      { activationBits },
    );
    for (const [o, bound] of bounds.entries()) {
      const largest = Math.max(...float[o]);
      // The input's own error counts too: 2^-17, magnified by 1 / 0.25 and 1.25 / 0.25².
      for (const e of bound) expect(e).toBeLessThan(largest * 2 ** -activationBits + 24 * 2 ** -17);
    }
  });
});

describe('a saturating clip', () => {
  it('requantises a wide operand once and fuses the bound at zero', () => {
    const { model } = run(
      [{ scale: 2 ** -10, lo: -(2 ** 12), bits: 13, values: [-1, 3] }],
      (b, [x]) => [
        clip(b, scale(b, b.push({ kind: 'mul', inputs: [x, x], shape: [2], dtype: 'float32' }), 1, -4), 0, 2),
      ],
      { activationBits: 8 },
    );
    expect(model.graph.nodes.map(({ kind }) => kind).slice(-2)).toEqual(['rescale', 'clip']);
    expect(model.graph.nodes.at(-2)).toMatchObject({ relu: true });
  });

  it('is nothing where the bounds are not reached', () => {
    const { model } = run([{ lo: 0, bits: 3, values: [1] }], (b, [x]) => [clip(b, x, 0, 7)]);
    expect(model.graph.nodes.map(({ kind }) => kind)).toEqual(['input']);
  });
});

describe('what has no proved integer form is refused', () => {
  it('a divisor that can be 0', () => {
    const x = { lo: -2, bits: 3, values: [1] };
    expect(() => run([x, x], (b, [p, q]) => [divide(b, p, q)])).toThrow(/its divisor can be 0: element 0 lies in/);
  });

  it('a root of what can be negative', () => {
    const x = { lo: -2, bits: 3, values: [1] };
    expect(() => run([x], (b, [id]) => [sqrt(b, id)])).toThrow(UnquantisableError);
  });

  it('bits beyond 52', () => {
    const x = { dtype: 'int64' as const, lo: -(2 ** 52), bits: 53, values: [1] };
    const node = { kind: 'bits' as const, op: 'and' as const, width: 64, signed: true, amount: 0 };
    expect(() => run([x, x], (b, inputs) => [b.push({ ...node, inputs, shape: [1], dtype: 'int64' })])).toThrow(
      /more than 52 bits/,
    );
  });
});

describe('a choice by an uncertain condition', () => {
  it('is bounded by the distance of the sides', () => {
    const x = { scale: 0.1, lo: 0, bits: 4, values: [0.5] };
    const { bounds } = run([x], (b, [id]) => {
      const sides = [0, 100].map((v) => constant(b, [1], Float64Array.of(v), 'float32'));
      return [select(b, compare(b, 'lt', id, constant(b, [1], Float64Array.of(0.5), 'float32')), sides[0], sides[1])];
    });
    expect(bounds[0][0]).toBe(100);
  });
});

describe('values of very different size', () => {
  it('are added at the scale of the large one, where the small ones are nothing', () => {
    const tiny = { scale: 2 ** -200, lo: -8, bits: 4, values: [7 * 2 ** -200] };
    const huge = { scale: 2 ** 300, lo: 0, bits: 4, values: [5 * 2 ** 300] };
    const outcome = run([tiny, huge], (b, [x, y]) => [add(b, x, y)]);
    expect(outcome.proved[0][0]).toBe(5 * 2 ** 300);
    expect(violation(outcome)).toBeUndefined();
    expect(outcome.bounds[0][0]).toBeLessThan(2 ** 300);
  });
});
