import { describe, expect, test } from 'vitest';
import { type Scalar, toScalar } from '../../src/field/bn254.ts';
import { boxCount } from '../../src/field/poseidon.ts';
import { elementAt, type FieldVector } from '../../src/field/vector.ts';
import { createQBuilder } from '../../src/quant/builder.ts';
import { publicSignals } from '../../src/quant/cost/publish.ts';
import { predictTotal } from '../../src/quant/cost.ts';
import { interpret } from '../../src/quant/interpret.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { type Circuit, lower } from '../../src/r1cs/lower.ts';
import { publicCount } from '../../src/r1cs/system.ts';
import { findUntied } from '../../src/r1cs/untied.ts';
import type { InputVisibility, OutputVisibility } from '../../src/tensor/visibility.ts';
import { solve } from '../../src/witness/solve.ts';
import { referenceCommitment } from '../field/reference-sponge.ts';
import { forgeSponge, withWires } from './forged-sponge.ts';

const binding = toScalar(1234567);
const salts = [toScalar(3n ** 155n), toScalar(5n ** 105n)];

interface Small {
  readonly graph: QGraph;
  readonly circuit: Circuit;
  readonly values: readonly Float64Array[];
  readonly witness: FieldVector;
  signals(): Scalar[];
}

/** y = 3x − 1 of `x`, whose bounds are lo … lo + 2^bits − 1. */
function make(
  x: readonly number[],
  {
    lo = -4,
    bits = 8,
    input,
    output,
  }: { lo?: number; bits?: number; input?: InputVisibility; output?: OutputVisibility },
): Small {
  const q = createQBuilder();
  q.from({ node: 'under_test', op: 'Test' });
  const shape = [x.length];
  const seen = input === undefined ? {} : { visibility: input };
  const id = q.push({ kind: 'input', inputs: [], name: 'x', shape, scale: 1, zero: 0, lo, bits, ...seen });
  const one = q.push({ kind: 'const', inputs: [], shape, scale: 1, data: new Float64Array(x.length).fill(-1) });
  const node = q.push({ kind: 'add', inputs: [id, one], shape, scale: 1, coefficients: [3, 1] });
  const graph = q.finish([output === undefined ? { name: 'y', node } : { name: 'y', node, visibility: output }]);
  const circuit = lower(graph, analyseRanges(graph));
  const values = interpret(graph, new Map([['x', Float64Array.from(x)]]));
  const witness = solve(circuit.hints, values, binding, salts.slice(0, circuit.hints.salts.length));
  const count = publicCount(circuit.system);
  return {
    graph,
    circuit,
    values,
    witness,
    signals: () => Array.from({ length: count }, (_, i) => elementAt(witness, i + 1)),
  };
}

/** The words of integers as text: two hexadecimal digits per byte of a lane. */
function words(integers: ArrayLike<number>, lo: number, laneBytes: number): bigint[] {
  const lanes = Math.floor(31 / laneBytes);
  const digits = Array.from(integers, (v) => (v - lo).toString(16).padStart(2 * laneBytes, '0'));
  return Array.from({ length: Math.ceil(digits.length / lanes) }, (_, w) =>
    BigInt(
      `0x${digits
        .slice(w * lanes, (w + 1) * lanes)
        .join('')
        .padEnd(2 * laneBytes * lanes, '0')}`,
    ),
  );
}

const elements = Array.from({ length: 40 }, (_, i) => ((i * 37) % 256) - 4);
const tripled = elements.map((v) => 3 * v - 1);
const outputForm = { elements: 40, laneBytes: 2, lo: -13n, hi: 752n };
const inputForm = { elements: 40, laneBytes: 1, lo: -4n, hi: 251n };
const shownOutput = words(tripled, -13, 2);
const sealedOutput = [referenceCommitment(outputForm, shownOutput, salts[0])];

describe.each([
  ['private', 'public', [...shownOutput, binding]],
  ['public', 'public', [...shownOutput, binding, ...words(elements, -4, 1)]],
  ['hashed', 'public', [...shownOutput, binding, referenceCommitment(inputForm, words(elements, -4, 1), salts[0])]],
  ['private', 'hashed', [...sealedOutput, binding]],
  ['public', 'hashed', [...sealedOutput, binding, ...words(elements, -4, 1)]],
  ['hashed', 'hashed', [...sealedOutput, binding, referenceCommitment(inputForm, words(elements, -4, 1), salts[1])]],
] as const)('a %s input and a %s output', (input, output, expected) => {
  const small = make(elements, { input, output });
  const { graph, circuit, witness } = small;

  test('publish what they should, in the order outputs, binding, inputs', () => {
    expect(small.signals()).toEqual(expected);
    expect(publicSignals(graph, analyseRanges(graph))).toBe(expected.length);
  });

  test('make as many rows as predicted, and no wire that nothing ties', () => {
    expect(circuit.system.rows).toBe(predictTotal(graph, analyseRanges(graph)));
    expect(findUntied(circuit.system)).toEqual([]);
    const failure = findUnsatisfied(circuit.system, witness);
    expect(failure && describeUnsatisfied(failure)).toBeUndefined();
    const own = 1 + 40 * 8 + 40 + 3;
    const shown = { private: 0, public: 2, hashed: 2 + 612 }[input] + (output === 'hashed' ? 612 : 0);
    expect(circuit.system.rows).toBe(own + shown);
  });
});

test.each([
  [15 * 31, 1],
  [15 * 31 + 1, 2],
  [31 * 31 + 5, 3],
])('%i bytes are hashed by %i permutations', (size, permutations) => {
  const x = Array.from({ length: size }, (_, i) => (i * 91) % 2);
  const { circuit, witness, signals } = make(x, { lo: 0, bits: 1, input: 'hashed' });
  const form = { elements: size, laneBytes: 1, lo: 0n, hi: 1n };
  expect(signals().at(-1)).toBe(referenceCommitment(form, words(x, 0, 1), salts[0]));
  expect(findUnsatisfied(circuit.system, witness)).toBeUndefined();
  const commitment = circuit.system.origins.findIndex(({ gadget }) => gadget === 'commitment');
  expect(circuit.system.rowOrigin.filter((origin) => origin === commitment)).toHaveLength(612 * permutations);
  expect(findUntied(circuit.system)).toEqual([]);
});

test('an image of 784 bytes is 26 signals', () => {
  const image = make(new Array<number>(784).fill(9), { lo: 0, bits: 8, input: 'public' });
  expect(image.circuit.inputs).toMatchObject([{ signals: 26, laneBytes: 1 }]);
});

describe('a packed signal lies', () => {
  const { circuit, witness } = make([3, 200, 7], { lo: 0, bits: 8, input: 'public' });
  const [input] = circuit.inputs;
  const signal = elementAt(witness, input.signal);
  const lane = (j: number): bigint => 1n << BigInt(8 * (30 - j));
  const rejected = (changes: readonly (readonly [wire: number, value: bigint])[]): boolean =>
    findUnsatisfied(circuit.system, withWires(witness, changes)) !== undefined;

  test('about an element, its order, its padding or bits beside its lanes', () => {
    for (const [what, lie] of [
      ['one more', signal + lane(0)],
      ['swapped', 200n * lane(0) + 3n * lane(1) + 7n * lane(2)],
      ['padding', signal + lane(3)],
      ['last padding', signal + 1n],
      ['above the lanes', signal + (1n << 248n)],
      ['zero', 0n],
    ] as const) {
      expect(rejected([[input.signal, lie]]), what).toBe(true);
    }
  });

  test('with elements that add up to it but leave their lanes', () => {
    const carried = [2n, 200n + 256n, 7n];
    const borrowed = [4n, 200n - 256n, 7n];
    for (const forged of [carried, borrowed]) {
      const sum = forged.reduce((total, value, j) => total + value * lane(j), 0n);
      expect(sum).toBe(signal);
      expect(rejected(forged.map((value, j) => [input.first + j, value] as const))).toBe(true);
    }
  });
});

describe('a prover lies inside a sponge and recomputes all that follows', () => {
  const { circuit, witness } = make([1, 0, 1, 1, 0].concat(new Array<number>(500).fill(1)), {
    lo: 0,
    bits: 1,
    input: 'hashed',
  });
  const hint = circuit.hints.hints.find(({ kind }) => kind === 'commit');
  if (hint?.kind !== 'commit') throw new Error('nothing is hashed');
  const forge = (lie?: { readonly at: number; readonly by: bigint }) => forgeSponge(witness, hint, lie);

  test('without a lie, that is the honest witness', () => {
    const honest = forge();
    for (let wire = 0; wire < circuit.system.wires; wire++) {
      if (elementAt(honest, wire) !== elementAt(witness, wire)) expect.fail(`wire ${wire}`);
    }
  });

  test('about the input, square or fourth power of an S-box, or about the last state', () => {
    const count = 3 * boxCount * 2 - 1;
    const border = 3 * boxCount - 17;
    const bys = [1n, -1n, 2n ** 200n];
    let lies = 0;
    for (let at = 0; at < count; at++) {
      const interesting = at < 10 || at >= count - 4 || Math.abs(at - border) < 4 || at % 61 === 0;
      if (!interesting) continue;
      const by = bys[lies++ % bys.length];
      const failure = findUnsatisfied(circuit.system, forge({ at, by }));
      if (failure === undefined) expect.fail(`wire ${at} of the sponge may differ by ${by}`);
      expect(failure.origin.gadget).toBe('commitment');
    }
    expect(lies).toBeGreaterThan(35);
  });

  test('about a word, the salt or the commitment alone', () => {
    const [input] = circuit.inputs;
    const wordsFirst = hint.first - input.words;
    const lies = [hint.salt, hint.commitment, wordsFirst, wordsFirst + 1, wordsFirst + input.words - 1];
    for (const wire of lies) {
      const forged = withWires(witness, [[wire, elementAt(witness, wire) + 1n]]);
      expect(findUnsatisfied(circuit.system, forged), `wire ${wire}`).toBeDefined();
      if (wire === hint.commitment) continue;
      const covered = findUnsatisfied(circuit.system, forgeSponge(forged, hint));
      // Another salt gives another commitment, which is no lie; another word does not hold the elements.
      if (wire === hint.salt) expect(covered).toBeUndefined();
      else expect(covered?.origin.gadget).toBe('publish');
    }
  });
});
