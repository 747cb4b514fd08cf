import { describe, expect, it } from 'vitest';
import { createQBuilder, type NewQNode, PrecisionOverflowError } from '../../src/quant/builder.ts';

const base = { shape: [1], scale: 1 };

function inputOf(bits: number): { readonly q: ReturnType<typeof createQBuilder>; readonly x: number } {
  const q = createQBuilder();
  return { q, x: q.push({ kind: 'input', inputs: [], ...base, name: 'x', zero: 0, lo: 0, bits }) };
}

describe('numbers on the way to a result stay below 2^53', () => {
  const cancelling = (x: number): NewQNode[] => [
    {
      kind: 'affine',
      inputs: [x],
      ...base,
      groups: 1,
      outs: 1,
      positions: 1,
      depth: 2,
      gather: Int32Array.of(0, 0),
      weight: Float64Array.of(2 ** 40, 1 - 2 ** 40),
      bias: Float64Array.of(0),
    },
    { kind: 'add', inputs: [x, x], ...base, coefficients: [2 ** 40, 1 - 2 ** 40] },
    { kind: 'divide', inputs: [x, x], ...base, mode: 'trunc', factor: 2 ** 40 },
    { kind: 'sqrt', inputs: [x], ...base, factor: 2 ** 40 },
    { kind: 'rescale', inputs: [x], ...base, shift: 54, relu: false, width: null },
  ];

  it('or the node is refused, though its result is small', () => {
    const { q, x } = inputOf(14);
    for (const node of cancelling(x)) {
      expect(() => q.push(node), node.kind).toThrow(PrecisionOverflowError);
      expect(() => q.push(node), node.kind).toThrow(/on the way/);
    }
  });

  it('and narrower operands pass', () => {
    const { q, x } = inputOf(8);
    const one = q.push({ kind: 'const', inputs: [], ...base, data: Float64Array.of(1) });
    const y = q.push({ kind: 'add', inputs: [x, one], ...base, coefficients: [1, 1] });
    for (const node of cancelling(y).slice(0, 4)) expect(q.push(node)).toBeGreaterThan(y);
  });

  it('a cancelling sum is caught element by element, not by the tensor’s extremes', () => {
    const q = createQBuilder();
    const small = q.push({ kind: 'const', inputs: [], shape: [2], scale: 1, data: Float64Array.of(2 ** 40, 0) });
    const x = q.push({ kind: 'input', inputs: [], shape: [2], scale: 1, name: 'x', zero: 0, lo: 0, bits: 1 });
    const wide = q.push({ kind: 'mul', inputs: [x, small], shape: [2], scale: 1 });
    const node: NewQNode = {
      kind: 'affine',
      inputs: [wide],
      shape: [2],
      scale: 1,
      groups: 2,
      outs: 1,
      positions: 1,
      depth: 1,
      gather: Int32Array.of(0, 1),
      weight: Float64Array.of(1, 2 ** 40),
      bias: new Float64Array(2),
    };
    expect(q.push(node)).toBeGreaterThan(wide);
  });
});
