import { expect, test } from 'vitest';
import { requestedSample, UnreadableRequestError } from '../../src/model/request-input.ts';
import { lanesFor, packLanes } from '../../src/tensor/lanes.ts';
import type { Layout } from '../../src/verify/layout.ts';

const lanes = lanesFor(-5, 300);
const columns = [
  { scale: 0.5, lo: -5, hi: 2 },
  { scale: 10, lo: 200, hi: 300 },
];
const layout: Layout = {
  outputs: [],
  inputs: [{ name: 't', shape: [2, 2], scale: 1, ...lanes, visibility: 'public', zero: 1, columns }],
};

test('a request is read column by column', () => {
  const sample = requestedSample(layout, packLanes(lanes, [-5, 200, 2, 300]));
  expect([...(sample.get('t') ?? [])]).toEqual([-1.5, 2001, 2, 3001]);
});

test('what leaves the bounds of its column is not read, though it stays inside those of the tensor', () => {
  for (const integers of [
    [3, 200, 2, 300],
    [-5, 199, 2, 300],
    [-5, 200, 200, 300],
  ]) {
    expect(() => requestedSample(layout, packLanes(lanes, integers))).toThrow(UnreadableRequestError);
  }
});

test('a request has as many signals as the model', () => {
  const signals = packLanes(lanes, [-5, 200, 2, 300]);
  expect(() => requestedSample(layout, [...signals, 0n])).toThrow('2 signals, not 1');
  expect(() => requestedSample(layout, [])).toThrow(UnreadableRequestError);
});
