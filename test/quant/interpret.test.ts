import { describe, expect, it } from 'vitest';
import { createQBuilder } from '../../src/quant/builder.ts';
import { interpret, quantiseInputs } from '../../src/quant/interpret.ts';

const q = createQBuilder();
const x = q.push({ kind: 'input', inputs: [], shape: [2], scale: 0.5, name: 'x', zero: 0, lo: -2, bits: 2 });
const graph = q.finish([{ name: 'y', node: x }]);
const given = (...values: number[]) => new Map([['x', Float64Array.from(values)]]);

describe('inputs are checked before anything is computed', () => {
  it.each([
    ['a missing one', new Map(), 'input "x" is missing'],
    ['too few elements', given(0), 'input "x" has 1 elements\nexpected 2 for shape [2]'],
    ['a value outside', given(0, 0.75), 'input "x"[1] = 0.75 is outside the range the circuit proves'],
    ['what is no number', given(Number.NaN, 0), 'input "x"[0] = NaN is outside'],
  ])('%s', (_title, values, message) => {
    expect(() => quantiseInputs(graph, values)).toThrow(message);
  });

  it('integers too', () => {
    expect(() => interpret(graph, given(0, 2))).toThrow('input "x"[1] = 1 is outside');
    expect(() => interpret(graph, given(0, 0.5))).toThrow('outside');
    expect(interpret(graph, given(-2, 1))).toEqual([Float64Array.of(-2, 1)]);
  });

  it('and rounded half away from zero', () => {
    expect(quantiseInputs(graph, given(-0.25, 0.25)).get('x')).toEqual(Float64Array.of(-1, 1));
  });
});
