import { expect, test } from 'vitest';
import type { NewQNode } from '../../src/quant/builder.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { GraphUnderTest } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { inverse, mod } from './solver/linear.ts';
import { solveAll } from './solver/solutions.ts';
import { expectRejected, expectUnique, type Run, run } from './unique.ts';

/** Every trap that the design names, at the widths that models have: the lie is given, everything else is searched. */

type Operand = readonly [lo: number, bits: number, values: readonly number[]];

const one = { shape: [1], scale: 1 } as const;

function build(operands: readonly Operand[], node: (ids: readonly number[]) => NewQNode): QGraph {
  const graph = new GraphUnderTest(new Random(1));
  const ids = operands.map(([lo, bits, values]) => graph.input(values.length, lo, bits));
  return graph.finish(graph.push(node(ids)));
}

function honest(operands: readonly Operand[], node: (ids: readonly number[]) => NewQNode): Run {
  const inputs = new Map(operands.map(([, , values], i) => [`x${i}`, Float64Array.from(values)]));
  return run(build(operands, node), inputs);
}

/** Wires of one gadget, by what an honest prover puts there. */
function wiresHolding({ circuit, witness, given }: Run, value: number): number[] {
  return witness.flatMap((own, wire) =>
    wire > circuit.system.outputs && !given.has(wire) && own === mod(BigInt(value)) ? [wire] : [],
  );
}

/** The published copy of an element of the only output. */
function publishedWire({ circuit }: Run, element = 0): number {
  const { system, outputs } = circuit;
  const start = system.wireStart.findIndex((_, i) => system.origins[system.wireOrigin[i]].gadget === 'publish');
  expect(outputs.length).toBe(1);
  return system.wireStart[start] + element;
}

const publishing = (own: Run, ...values: readonly (number | bigint)[]): Map<number, bigint> =>
  new Map(values.map((value, i) => [publishedWire(own, i), mod(BigInt(value))]));

/** Every wire that is not given, moved in every plausible way, with all others free to follow. */
function expectNoLie(own: Run, what: string): void {
  expectUnique(own, what);
  for (const [wire, value] of own.witness.entries()) {
    if (wire === 0 || own.given.has(wire)) continue;
    for (const lie of [value + 1n, value - 1n, -value, 1n - value, value + 2n ** 64n]) {
      if (mod(lie) === value) continue;
      expectRejected(own, new Map([[wire, mod(lie)]]), `${what}: wire ${wire} = ${lie} instead of ${value}`);
    }
  }
}

test('sign of zero: nothing rounds, divides or compares zero as a negative number', () => {
  const signed: Operand = [-(2 ** 15), 16, [0]];
  expectNoLie(
    honest([signed], (inputs) => ({ kind: 'round', inputs, ...one, mode: 'trunc', shift: 6 })),
    'trunc(0)',
  );
  expectNoLie(
    honest([signed, [1, 8, [7]]], (inputs) => ({ kind: 'divide', inputs, ...one, mode: 'trunc', factor: 1 })),
    '0 / 7',
  );
  expectNoLie(
    honest([signed], (inputs) => ({ kind: 'rescale', inputs, ...one, shift: 0, relu: true, width: null })),
    'ReLU of 0',
  );
  expectNoLie(
    honest([signed, [-5, 4, [0]]], (inputs) => ({ kind: 'compare', inputs, ...one, relation: 'lt' })),
    '0 < 0',
  );
});

test('multiplicity: a top-k selection names no element twice and leaves none out', () => {
  const values = [900, 17, 900, 4];
  const own = honest([[0, 10, values]], (inputs) => ({
    kind: 'topk',
    inputs,
    shape: [1, 2],
    scale: 1,
    rows: 1,
    length: 4,
    k: 2,
    largest: true,
    result: 'indices',
  }));
  expectUnique(own, 'honest');
  for (const indices of [
    [0, 0],
    [2, 2],
    [0, 1],
    [0, 3],
    [1, 2],
    [3, 1],
  ] as const) {
    expectRejected(own, publishing(own, ...indices), `indices ${indices}`);
  }
});

test('tie swaps: equal values stand in the order of their indices', () => {
  for (const largest of [true, false]) {
    const own = honest([[0, 10, [300, 300, 300]]], (inputs) => ({
      kind: 'topk',
      inputs,
      shape: [1, 3],
      scale: 1,
      rows: 1,
      length: 3,
      k: 3,
      largest,
      result: 'indices',
    }));
    expectUnique(own, 'honest');
    for (const indices of [
      [1, 0, 2],
      [0, 2, 1],
      [2, 1, 0],
    ] as const) {
      expectRejected(own, publishing(own, ...indices), `indices ${indices}`);
    }
  }
});

test('argmax ties: only the first (or last) of equal elements', () => {
  const values = [-3, 500, 500, 12, 500];
  for (const tie of ['first', 'last'] as const) {
    const own = honest([[-512, 10, values]], (inputs) => ({
      kind: 'argmax',
      inputs,
      ...one,
      rows: 1,
      length: 5,
      tie,
    }));
    expectUnique(own, tie);
    for (let index = 0; index < 5; index++) {
      if (index !== (tie === 'first' ? 1 : 4)) expectRejected(own, publishing(own, index), `${tie}, index ${index}`);
    }
    // Selectors that are no bits but add up to one, and point between elements.
    expectRejected(own, publishing(own, inverse(2n)), `${tie}, half an index`);
  }
});

const division = (x: number, y: number, mode: 'nearest' | 'floor' | 'trunc'): Run =>
  honest(
    [
      [-(2 ** 19), 20, [x]],
      [1, 12, [y]],
    ],
    (inputs) => ({ kind: 'divide', inputs, ...one, mode, factor: 1 }),
  );

test('quotient not range-checked: a quotient of full size for another remainder', () => {
  const own = division(123_456, 789, 'floor');
  for (const remainder of [0n, 1n, 788n, 789n]) {
    const quotient = mod((123_456n - remainder) * inverse(789n));
    if (quotient === mod(156n)) continue;
    for (const wire of wiresHolding(own, 156)) {
      expectRejected(own, new Map([[wire, quotient]]), `quotient for remainder ${remainder}`);
    }
  }
  expectNoLie(own, 'floor');
});

test('remainder not below the divisor: one more or less in the quotient', () => {
  for (const [x, y, mode, quotient] of [
    [123_456, 789, 'floor', 156],
    [-123_456, 789, 'floor', -157],
    [-123_456, 789, 'trunc', -156],
    [-789, 789, 'trunc', -1],
    [789 * 3, 789, 'floor', 3],
  ] as const) {
    const own = division(x, y, mode);
    expect(own.witness[publishedWire(own)]).toBe(mod(BigInt(quotient)));
    for (const lie of [quotient - 1, quotient + 1, -quotient]) {
      expectRejected(own, publishing(own, lie), `${x} / ${y} (${mode}) = ${lie}`);
    }
  }
});

test('two optimal quotients: a tie rounds up, also below zero', () => {
  for (const [x, y, quotient] of [
    [15, 10, 2],
    [-15, 10, -1],
    [25, 10, 3],
    [-25, 10, -2],
  ] as const) {
    const own = division(x, y, 'nearest');
    expect(own.witness[publishedWire(own)]).toBe(mod(BigInt(quotient)));
    for (const lie of [quotient - 1, quotient + 1]) expectRejected(own, publishing(own, lie), `${x} / ${y} = ${lie}`);
  }
});

test('zero divisor: bounds that contain zero are refused', () => {
  const divisor: Operand = [-4, 4, [1]];
  const graph = build([[0, 4, [1]], divisor], (inputs) => ({
    kind: 'divide',
    inputs,
    ...one,
    mode: 'floor',
    factor: 1,
  }));
  expect(() => lower(graph, analyseRanges(graph))).toThrow('the bounds of its divisor contain zero');
});

test('the other root, and the roots next to it', () => {
  for (const x of [0, 1, 15, 16, 17, 1_000_000, 2 ** 20 - 1]) {
    const own = honest([[0, 20, [x]]], (inputs) => ({ kind: 'sqrt', inputs, ...one, factor: 1 }));
    const root = Math.floor(Math.sqrt(x));
    for (const lie of [-root, root - 1, root + 1]) {
      if (lie !== root) expectRejected(own, publishing(own, lie), `√${x} = ${lie}`);
    }
  }
  expectNoLie(
    honest([[0, 14, [10_001]]], (inputs) => ({ kind: 'sqrt', inputs, ...one, factor: 1 })),
    '√10001',
  );
});

test('a tie to the odd neighbour', () => {
  for (const x of [-24, -8, 8, 24, 40, 7, 9]) {
    const own = honest([[-100, 8, [x]]], (inputs) => ({ kind: 'round', inputs, ...one, mode: 'even', shift: 4 }));
    const floor = Math.floor(x / 16);
    const honestly = own.witness[publishedWire(own)];
    for (const lie of [floor - 1, floor, floor + 1, floor + 2]) {
      if (mod(BigInt(lie)) !== honestly) expectRejected(own, publishing(own, lie), `${x} / 16 rounded to ${lie}`);
    }
  }
});

test('unaligned offset: bounds that are no powers of two leave one result', () => {
  for (const lo of [-1000, -777, -1, 0, 3, 513]) {
    for (const relu of [false, true]) {
      const x = lo + 341;
      const own = honest([[lo, 10, [x]]], (inputs) => ({
        kind: 'rescale',
        inputs,
        ...one,
        shift: 5,
        relu,
        width: null,
      }));
      const floor = Math.floor((x + 16) / 32);
      for (const lie of [floor - 1, floor, floor + 1, floor - 32, floor + 32, 0]) {
        if (mod(BigInt(lie)) === own.witness[publishedWire(own)]) continue;
        expectRejected(own, publishing(own, lie), `${x} requantised to ${lie}`);
      }
      expectNoLie(own, `bounds from ${lo}, ReLU ${relu}`);
    }
  }
});

test('values outside an enforced width, a domain or the roots have no witness', () => {
  const cases: readonly (readonly [Operand, NewQNode, readonly number[], readonly number[]])[] = [
    [
      [-(2 ** 11), 12, [0]],
      { kind: 'rescale', inputs: [0], ...one, shift: 2, relu: false, width: 8 },
      [-131, 126, 2000, -2048],
      [-130, 125, 0],
    ],
    [
      [-(2 ** 11), 12, [0]],
      { kind: 'rescale', inputs: [0], ...one, shift: 3, relu: true, width: 8 },
      [-133, 124, 2000],
      [-132, 123, 0],
    ],
    [
      [-(2 ** 11), 12, [0]],
      {
        kind: 'function',
        inputs: [0],
        ...one,
        name: 'test',
        lo: -64,
        bits: 7,
        segmentBits: 2,
        shift: 0,
        coefficients: [Float64Array.of(4, 5, 6, 7)],
      },
      [-65, 64, 2000, -2048],
      [-64, 63, 0],
    ],
    [[-8, 8, [0]], { kind: 'sqrt', inputs: [0], ...one, factor: 1 }, [-1, -2, -8], [0, 1, 247]],
  ];
  for (const [[lo, bits], node, outside, inside] of cases) {
    const graph = build([[lo, bits, [0]]], () => node);
    const { system } = lower(graph, analyseRanges(graph));
    const solved = (x: number) =>
      solveAll(
        system,
        new Map([
          [system.outputs + 1, 1n],
          [system.outputs + 2, mod(BigInt(x))],
        ]),
      );
    for (const x of outside) expect(solved(x), `${node.kind} of ${x}`).toEqual({ kind: 'solutions', solutions: [] });
    for (const x of inside)
      expect(solved(x), `${node.kind} of ${x}`).toMatchObject({ kind: 'solutions', solutions: [{}] });
  }
});

test('inputs outside their bounds have no witness, above and below and around the field', () => {
  const graph = build([[-5, 6, [0]]], ([x]) => ({ kind: 'add', inputs: [x], ...one, coefficients: [3] }));
  const { system } = lower(graph, analyseRanges(graph));
  for (const x of [-6n, 59n, 64n, -64n, 2n ** 253n, inverse(2n), 5n - 2n ** 64n]) {
    const given = new Map([
      [system.outputs + 1, 1n],
      [system.outputs + 2, mod(x)],
    ]);
    expect(solveAll(system, given), `input ${x}`).toEqual({ kind: 'solutions', solutions: [] });
  }
});

test('decompositions stay far below the field: wider ones are refused', () => {
  const graph = build(
    [
      [0, 52, [0]],
      [-(2 ** 51), 53, [0]],
    ],
    (inputs) => ({
      kind: 'compare',
      inputs,
      ...one,
      relation: 'lt',
    }),
  );
  expect(() => lower(graph, analyseRanges(graph))).toThrow('needs a range check of 54 bits');
});

test('a selection by something else than a bit is refused', () => {
  const graph = build(
    [
      [0, 2, [0]],
      [0, 4, [0]],
      [0, 4, [0]],
    ],
    (inputs) => ({ kind: 'select', inputs, ...one }),
  );
  expect(() => lower(graph, analyseRanges(graph))).toThrow('may be other than 0 and 1');
});

test('equality: neither answer can be forged, nor the inverse', () => {
  for (const difference of [0, 1, -1, 40]) {
    const operands: readonly Operand[] = [
      [-99, 9, [17 + difference]],
      [-99, 9, [17]],
    ];
    expectNoLie(
      honest(operands, (inputs) => ({ kind: 'compare', inputs, ...one, relation: 'eq' })),
      `difference ${difference}`,
    );
  }
});

test('clips, maxima and segments: no bit and no intermediate wire can move', () => {
  const x: Operand = [-2000, 12, [300]];
  expectNoLie(
    honest([x], (inputs) => ({ kind: 'clip', inputs, ...one, lo: -128, hi: 127 })),
    'clip',
  );
  expectNoLie(
    honest(
      [
        [-500, 10, [77]],
        [-500, 10, [77]],
      ],
      ([a, b]) => ({
        kind: 'max',
        inputs: [a, b],
        ...one,
        window: 2,
        gather: Int32Array.of(0, 1),
      }),
    ),
    'maximum of equals',
  );
  expectNoLie(
    honest([[-32, 6, [5]]], (inputs) => ({
      kind: 'function',
      inputs,
      ...one,
      name: 'test',
      lo: -32,
      bits: 6,
      segmentBits: 3,
      shift: 4,
      coefficients: [Float64Array.of(1, -2, 3, 4, 50, -6, 7, 8), Float64Array.of(9, 1, 2, -8, 3, 4, -5, 6)],
    })),
    'function',
  );
});
