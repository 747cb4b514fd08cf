import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import {
  checkProof,
  compile,
  createSnarkjsKernel,
  decodeOpeningFile,
  decodeProofFile,
  encodeOpeningFile,
  encodeProofFile,
  infer,
  joinChunks,
  type Opening,
  type OpeningFile,
  type ProofFile,
  prove,
  setup,
} from '../../src/index.ts';
import { recompile } from '../../src/pipeline/recompile.ts';
import type { Visibility } from '../../src/tensor/visibility.ts';
import type { ModelFile } from '../../src/verify/model-file.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';

let folder = '';
let path = '';
let file: ModelFile;
let proof: ProofFile;
let openings: readonly Opening[];
let opening: OpeningFile;

const visibility: Visibility = {
  inputs: new Map([
    ['shown', 'public'],
    ['sealed', 'hashed'],
  ]),
  outputs: new Map([
    ['best', 'argmax'],
    ['secret', 'hashed'],
  ]),
};
const sample = new Map([
  ['own', Float64Array.of(0.5, -0.25)],
  ['shown', Float64Array.of(0.25, 0.75)],
  ['sealed', Float64Array.of(-0.5, 0.125)],
]);

/** A private, a public and a hashed input; a public, a hashed and an argmax output. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-visibility-'));
  path = join(folder, 'model.onnx');
  writeFileSync(
    path,
    encodeModel({
      inputs: ['own', 'shown', 'sealed'].map((name) => ({ name, shape: [1, 2] })),
      outputs: ['sum', 'secret', 'best'],
      initializers: [{ name: 'w', shape: [2, 3], data: [1, -0.5, 0.25, 2, -1, 0.75] }],
      nodes: [
        { op: 'Add', inputs: ['own', 'shown'], outputs: ['sum'] },
        { op: 'Add', inputs: ['sum', 'sealed'], outputs: ['secret'] },
        { op: 'Gemm', inputs: ['secret', 'w'], outputs: ['best'] },
      ],
    }),
  );
  const model = await compile(path, { visibility });
  expect(model.circuit.system.rows).toBe(model.report.constraints);
  expect(recompile(path, model.recipe).digests).toEqual(model.digests);
  const keys = await setup(model, { threads: 1 });
  file = keys.file;
  const kernel = createSnarkjsKernel();
  const options = { kernel, provingKey: joinChunks(keys.zkey), binding: 77n };
  const proved = await prove(model, file, infer(model, sample), options).finally(() => kernel.close());
  proof = decodeProofFile(encodeProofFile(proved.proof));
  openings = proved.openings;
  opening = decodeOpeningFile(encodeOpeningFile({ modelId: proof.modelId, tensors: openings }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const change = (at: number, patch: Partial<Opening>): OpeningFile => {
  return { ...opening, tensors: opening.tensors.map((own, i) => (i === at ? { ...own, ...patch } : own)) };
};
const valid = (...[expected]: [Parameters<typeof checkProof>[2]]): boolean => checkProof(proof, file, expected).valid;

test('a proof shows what is public, commits to what is hashed, and holds', () => {
  const verdict = checkProof(proof, file, { opening, inputs: sample });
  expect(verdict.reasons).toEqual([]);
  expect(verdict.valid).toBe(true);
  // The largest of w·(0.25, 0.625) is the first.
  expect(verdict.outputs).toMatchObject([
    { name: 'sum', visibility: 'public', values: [0.75, 0.5] },
    { name: 'secret', visibility: 'hashed' },
    { name: 'best', visibility: 'argmax', integers: [0n], shape: [1] },
  ]);
  expect(verdict.inputs).toMatchObject([
    { name: 'own', visibility: 'private' },
    { name: 'shown', visibility: 'public', values: [0.25, 0.75] },
    { name: 'sealed', visibility: 'hashed' },
  ]);
  expect(verdict.opened).toMatchObject([
    { kind: 'output', name: 'secret', values: [0.25, 0.625] },
    { kind: 'input', name: 'sealed', values: [-0.5, 0.125] },
  ]);
});

test('the proof file holds neither salts nor hashed values', () => {
  const text = encodeProofFile(proof);
  for (const { salt, commitment } of openings) {
    expect(text).not.toContain(String(salt));
    expect(text).toContain(String(commitment));
  }
  expect(text).not.toContain('0.625');
  expect(new Set(openings.map(({ salt }) => salt)).size).toBe(2);
});

describe('an opening is refused when', () => {
  const lies: readonly [string, () => OpeningFile][] = [
    ['its salt is another', () => change(0, { salt: toScalar(openings[0].salt + 1n) })],
    [
      'an integer is another',
      () => change(0, { integers: openings[0].integers.with(0, openings[0].integers[0] + 1n) }),
    ],
    ['its elements are swapped', () => change(1, { integers: [...openings[1].integers].reverse() })],
    ['an element is missing', () => change(1, { integers: openings[1].integers.slice(1) })],
    ['an element is too many', () => change(1, { integers: [...openings[1].integers, 0n] })],
    ['an integer leaves its lane', () => change(1, { integers: openings[1].integers.with(0, 10n ** 30n) })],
    ['its commitment is another', () => change(0, { commitment: openings[1].commitment })],
    ['it is of the other tensor', () => change(0, { ...openings[1], kind: 'output', name: 'secret' })],
    ['it is of a public tensor', () => change(1, { name: 'shown' })],
    ['it is of no tensor', () => change(1, { name: 'nobody' })],
    ['it is of another model', () => ({ ...opening, modelId: `0x${'00'.repeat(32)}` })],
  ];
  test.each(lies)('%s', (_what, forge) => {
    const verdict = checkProof(proof, file, { opening: forge() });
    expect(verdict.valid).toBe(false);
    expect(verdict.reasons[0]).toMatch(/opening/);
  });
});

describe('a proof file is false when', () => {
  const patch = (side: 'inputs' | 'outputs', at: number, patched: object): ProofFile => {
    return { ...proof, [side]: proof[side].map((tensor, i) => (i === at ? { ...tensor, ...patched } : tensor)) };
  };
  const lies: readonly [string, () => ProofFile][] = [
    ['it displays another input', () => patch('inputs', 1, { values: [0.25, 0.5] })],
    ['it displays other integers of an input', () => patch('inputs', 1, { integers: [1n, 2n] })],
    ['it displays another commitment', () => patch('inputs', 2, { commitment: openings[0].commitment })],
    ['it displays an argmax as the value', () => patch('outputs', 2, { visibility: 'public' })],
    ['it displays another index', () => patch('outputs', 2, { integers: [1n], values: [1] })],
    ['it hides an input', () => patch('inputs', 1, { visibility: 'private' })],
    [
      'a commitment is another',
      () => {
        const publicSignals = proof.publicSignals.with(
          -1,
          toScalar(proof.publicSignals[proof.publicSignals.length - 1] + 1n),
        );
        const commitment = publicSignals[publicSignals.length - 1];
        return { ...patch('inputs', 2, { commitment }), publicSignals };
      },
    ],
  ];
  test.each(lies)('%s', (_what, lie) => {
    const { valid: holds, reasons } = checkProof(lie(), file);
    expect(holds).toBe(false);
    expect(reasons.length).toBeGreaterThan(0);
  });
});

test('expected inputs are compared as integers, and what cannot be compared is said', () => {
  const with_ = (name: string, ...values: number[]) => new Map([...sample, [name, Float64Array.from(values)]]);
  expect(valid({ inputs: sample, opening })).toBe(true);
  expect(valid({ inputs: sample }), 'nothing is known of what is hashed').toBe(false);
  expect(valid({ inputs: with_('shown', 0.25, 0.75 + 1e-6), opening }), 'less than half a step away').toBe(true);
  expect(valid({ inputs: with_('shown', 0.25, 0.76), opening })).toBe(false);
  expect(valid({ inputs: with_('shown', 0.25), opening })).toBe(false);
  expect(valid({ inputs: with_('shown', 0.25, Number.NaN), opening })).toBe(false);
  expect(valid({ inputs: with_('sealed', 9, 9), opening })).toBe(false);
  expect(valid({ inputs: with_('nobody', 1), opening })).toBe(false);
  const pinned = { modelId: proof.modelId, binding: proof.binding };
  const unpinned = (expected: Parameters<typeof checkProof>[2]) =>
    checkProof(proof, file, { ...pinned, ...expected }).unpinned;
  const own = 'input "own" is private: the proof shows that some input exists';
  const sealed = 'input "sealed" is hashed: only who has the opening can tell what it was';
  expect(unpinned({})).toEqual([own, 'input "shown"', sealed]);
  expect(unpinned({ inputs: sample })).toEqual([own, sealed]);
  expect(unpinned({ inputs: sample, opening })).toEqual([own]);
});

test('what an opening file says is checked for its form', () => {
  const json = JSON.parse(encodeOpeningFile(opening));
  const decode = (patch: object) => () => decodeOpeningFile(JSON.stringify({ ...json, ...patch }));
  expect(decode({ format: 'vouch-opening-0' })).toThrow('Malformed format');
  expect(decode({ note: 1 })).toThrow('unknown field "note"');
  expect(decode({ tensors: [{ ...json.tensors[0], salt: String(2n ** 255n) }] })).toThrow('tensors[0].salt');
  expect(decode({ tensors: [{ ...json.tensors[0], integers: ['1.5'] }] })).toThrow('not an integer');
  expect(decode({ tensors: [{ ...json.tensors[0], kind: 'weight' }] })).toThrow('none of input, output');
});

test('unknown names and outputs without a largest element are refused by name', async () => {
  const refused = (changed: Visibility) =>
    compile(path, { visibility: changed }).then(
      () => '',
      (error: Error) => error.message,
    );
  expect(await refused({ inputs: new Map([['sealde', 'hashed']]) })).toBe(
    'the model has no input "sealde"\nits inputs are "own", "shown", "sealed"',
  );
  expect(await refused({ outputs: new Map([['bst', 'argmax']]) })).toContain('its outputs are "sum", "secret", "best"');
});
