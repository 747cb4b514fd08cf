import { expect, test } from 'vitest';
import { buffersOf, copySample, shareArrays } from '../../src/pool/transfer.ts';

test('shared data is equal, and its arrays lie in one block', () => {
  const twice = Float64Array.of(1, 2.5);
  const data = {
    nodes: [{ kind: 'const', data: twice, index: Int32Array.of(-1, 2, 3) }, { again: twice }],
    bits: new Map([['a', Uint8Array.of(1, 2, 3)]]),
    big: [2n ** 200n],
    none: null,
    pointers: Uint32Array.of(2 ** 32 - 1),
  };
  const shared = shareArrays(data);
  expect(shared).toEqual(data);
  const arrays = [shared.nodes[0].data, shared.nodes[0].index, shared.bits.get('a'), shared.pointers];
  expect(new Set(arrays.map((array) => array?.buffer)).size).toBe(1);
  expect(arrays[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shared.nodes[1].again).toBe(shared.nodes[0].data);
  expect(buffersOf(shared)).toEqual([]);
});

test('a clone of shared data is a view on the same memory', () => {
  const shared = shareArrays({ values: Float64Array.of(1, 2, 3) });
  const clone = structuredClone(shared);
  shared.values[1] = 7;
  expect(clone.values[1]).toBe(7);
});

test('what has no shared form is refused', () => {
  expect(() => shareArrays({ half: new Float32Array(2) })).toThrow('Float32Array');
});

test('a sample leaves the rest of its data file behind', () => {
  const file = new Float64Array(1000).map((_, i) => i);
  const copy = copySample(new Map([['x', file.subarray(10, 14)]])).get('x');
  expect(copy).toEqual(Float64Array.of(10, 11, 12, 13));
  expect(copy?.buffer.byteLength).toBe(32);
});
