import { expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import {
  decodeLayout,
  encodeLayout,
  type Layout,
  layoutJson,
  parseLayout,
  signalCount,
} from '../../src/verify/layout.ts';
import { decodeSignals } from '../../src/verify/signals.ts';

const bytes = { laneBytes: 1, lanes: 31 };
const layout: Layout = {
  outputs: [
    { name: 'y', shape: [1, 10], scale: 0.25, lo: -300, hi: 211, laneBytes: 2, lanes: 15, visibility: 'public' },
    { name: 'k', shape: [1], scale: 1, lo: 0, hi: 9, ...bytes, visibility: 'argmax' },
    { name: 'h', shape: [40], scale: 2, lo: -1, hi: 0, ...bytes, visibility: 'hashed' },
  ],
  inputs: [
    { name: 'x', shape: [1, 784], scale: 1 / 255, lo: 0, hi: 255, ...bytes, visibility: 'public', zero: 0 },
    {
      name: 't',
      shape: [2, 2],
      scale: 1,
      lo: -5,
      hi: 300,
      laneBytes: 2,
      lanes: 15,
      visibility: 'public',
      zero: 1,
      columns: [
        { scale: 0.5, lo: -5, hi: 2 },
        { scale: 10, lo: 200, hi: 300 },
      ],
    },
    { name: 's', shape: [3], scale: 1, lo: 0, hi: 255, ...bytes, visibility: 'private', zero: 0 },
  ],
};

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

test('the table is what a contract reads, word by word', () => {
  const words = encodeLayout(layout).subarray(0, 32 * 7);
  const expected = [
    `${Buffer.from('vouch-layout-2').toString('hex').padEnd(48, '0')}0000000300000003`,
    `01020001${'0000000a'}${'fffffffffffffed4'}${'00000000000001ff'}3fd0000000000000`,
    `01010001${'00000001'}${'0000000000000000'}${'0000000000000009'}3ff0000000000000`,
    `02010001${'00000028'}${'ffffffffffffffff'}${'0000000000000001'}4000000000000000`,
    `0101001a${'00000310'}${'0000000000000000'}${'00000000000000ff'}3f70101010101010`,
    `01020001${'00000004'}${'fffffffffffffffb'}${'0000000000000131'}3ff0000000000000`,
    `00010000${'00000003'}${'0000000000000000'}${'00000000000000ff'}3ff0000000000000`,
  ];
  expect(hex(words)).toBe(expected.join(''));
  expect(signalCount(layout)).toBe(1 + 1 + 1 + 1 + 26 + 1);
});

test('a layout survives its bytes, and no byte of them can be another', () => {
  const code = encodeLayout(layout);
  expect(decodeLayout(code)).toEqual(layout);
  for (let i = 0; i < code.length; i++) {
    const damaged = Uint8Array.from(code);
    damaged[i] ^= 1;
    const decoded = attempt(() => decodeLayout(damaged));
    // Some bytes of the text, such as those of names, give another layout; it is never the same.
    if (decoded !== undefined) expect(decoded, `byte ${i}`).not.toEqual(layout);
    if (i < 32 * 7) expect(decoded, `byte ${i} of the table`).toBeUndefined();
  }
  const spaced = new Uint8Array([...code, 0x20]);
  expect(() => decodeLayout(spaced)).toThrow('spelling');
  const table = Uint8Array.from(code);
  table[32 * 4 + 3] = 27;
  expect(() => decodeLayout(table)).toThrow('its table contradicts its text');
  expect(() => decodeLayout(code.subarray(0, 20))).toThrow('does not begin with a table');
});

test('a layout whose numbers do not fit together is refused', () => {
  const change = (patch: object): (() => Layout) => {
    const json = layoutJson({ ...layout, outputs: [] });
    return () => parseLayout({ ...json, inputs: [{ ...JSON.parse(JSON.stringify(json)).inputs[1], ...patch }] });
  };
  expect(change({})().inputs).toHaveLength(1);
  const twice = layoutJson({ ...layout, inputs: [layout.inputs[0], layout.inputs[0]] });
  expect(() => parseLayout(twice)).toThrow('two tensors are named');
  expect(change({ laneBytes: 3, lanes: 10 })).toThrow('do not belong to [-5, 300]');
  expect(change({ lanes: 16 })).toThrow('do not belong');
  expect(change({ lo: 301 })).toThrow('no interval');
  expect(change({ lo: -(2 ** 60) })).toThrow('not a whole number');
  expect(change({ columns: [] })).toThrow('empty');
  expect(change({ columns: [{ scale: 1, lo: -6, hi: 0 }] })).toThrow('leave those of the tensor');
  expect(change({ shape: [-1] })).toThrow('not a length');
  expect(change({ visibility: 'argmax' })).toThrow('none of private, public, hashed');
  expect(change({ note: 1 })).toThrow('unknown field');
});

test('more signals than a contract takes are refused', () => {
  const [wide] = layout.inputs;
  expect(() => encodeLayout({ outputs: [], inputs: [{ ...wide, shape: [2 ** 21] }] })).toThrow('65535 signals');
  expect(() =>
    encodeLayout({ outputs: [], inputs: [{ ...wide, shape: [2 ** 21], visibility: 'hashed' }] }),
  ).not.toThrow();
});

test('signals are read in the order outputs, binding, inputs, and refused where a lane lies', () => {
  const small: Layout = { outputs: layout.outputs.slice(1), inputs: [layout.inputs[1], layout.inputs[2]] };
  const lane = (...values: number[]): bigint => values.reduce((word, v) => (word << 16n) | BigInt(v), 0n) << 176n;
  const signals = [7n << 240n, 99n, 11n, lane(0, 205, 7, 305)].map((s) => toScalar(s));
  expect(decodeSignals(small, signals)).toEqual({
    outputs: [
      { name: 'k', visibility: 'argmax', shape: [1], integers: [7n], values: [7] },
      { name: 'h', visibility: 'hashed', commitment: 99n },
    ],
    binding: 11n,
    inputs: [
      {
        name: 't',
        visibility: 'public',
        shape: [2, 2],
        integers: [-5n, 200n, 2n, 300n],
        values: [-1.5, 2001, 2, 3001],
      },
      { name: 's', visibility: 'private' },
    ],
  });
  const withInput = (signal: bigint): unknown => decodeSignals(small, [...signals.slice(0, 3), toScalar(signal)]);
  expect(withInput(lane(0, 205, 8, 305)), 'outside its column').toBeUndefined();
  expect(withInput(lane(0, 205, 7, 306)), 'outside the tensor').toBeUndefined();
  expect(withInput(lane(0, 205, 7, 305) + 1n), 'padding').toBeUndefined();
  expect(withInput(lane(0, 205, 7, 305) + (1n << 240n)), 'above the lanes').toBeUndefined();
  expect(decodeSignals(small, signals.slice(1)), 'one signal less').toBeUndefined();
});

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
