import { describe, expect, it } from 'vitest';
import { type AffineMap, applyAffine, boundAffine } from '../../../src/graph/kernels/affine.ts';
import { fc } from '../../property.ts';

/** The definition of an affine node, term by term. */
function naive(map: AffineMap, x: Float64Array): number[] {
  const { groups, outs, positions, depth, gather, weight, bias } = map;
  const y: number[] = [];
  for (let g = 0; g < groups; g++) {
    for (let o = 0; o < outs; o++) {
      for (let p = 0; p < positions; p++) {
        const c = g * outs + o;
        let sum = bias.length === groups * outs ? bias[c] : bias[c * positions + p];
        for (let k = 0; k < depth; k++) {
          const source = gather[(g * positions + p) * depth + k];
          if (source >= 0) sum += weight[c * depth + k] * x[source];
        }
        y.push(sum);
      }
    }
  }
  return y;
}

const integer = fc.integer({ min: -9, max: 9 });

/** A random map over eight integers, with padding, zero weights and either form of bias. */
const maps = fc
  .record({
    groups: fc.integer({ min: 1, max: 3 }),
    outs: fc.integer({ min: 1, max: 4 }),
    positions: fc.integer({ min: 1, max: 7 }),
    depth: fc.integer({ min: 0, max: 11 }),
    perElement: fc.boolean(),
  })
  .chain(({ groups, outs, positions, depth, perElement }) => {
    const array = (length: number, of = integer) => fc.array(of, { minLength: length, maxLength: length });
    const biases = groups * outs * (perElement ? positions : 1);
    return fc.record({
      groups: fc.constant(groups),
      outs: fc.constant(outs),
      positions: fc.constant(positions),
      depth: fc.constant(depth),
      gather: array(groups * positions * depth, fc.integer({ min: -1, max: 7 })).map((v) => Int32Array.from(v)),
      weight: array(groups * outs * depth).map((v) => Float64Array.from(v)),
      bias: array(biases).map((v) => Float64Array.from(v)),
    });
  });
const points = fc.array(integer, { minLength: 8, maxLength: 8 }).map((v) => Float64Array.from(v));

describe('applyAffine', () => {
  it('computes the definition exactly on integers', () => {
    fc.assert(
      fc.property(maps, points, (map, x) => {
        expect([...applyAffine(map, x)]).toEqual(naive(map, x).map((v) => v + 0));
      }),
      { numRuns: 300 },
    );
  });
});

describe('boundAffine', () => {
  it('gives the extremes that the corners of the box reach', () => {
    fc.assert(
      fc.property(maps, points, points, (map, a, b) => {
        const lo = a.map((v, i) => Math.min(v, b[i]));
        const hi = a.map((v, i) => Math.max(v, b[i]));
        const bounds = boundAffine(map, { lo, hi });
        const split = (sign: number, map: AffineMap): AffineMap => ({
          ...map,
          weight: map.weight.map((w) => Math.max(0, sign * w)),
          bias: new Float64Array(map.bias.length),
        });
        const bias = naive({ ...map, weight: new Float64Array(map.weight.length) }, a);
        const [plusLo, plusHi] = [naive(split(1, map), lo), naive(split(1, map), hi)];
        const [minusLo, minusHi] = [naive(split(-1, map), lo), naive(split(-1, map), hi)];
        expect([...bounds.lo]).toEqual(bias.map((v, i) => v + plusLo[i] - minusHi[i] + 0));
        expect([...bounds.hi]).toEqual(bias.map((v, i) => v + plusHi[i] - minusLo[i] + 0));
      }),
      { numRuns: 300 },
    );
  });
});
