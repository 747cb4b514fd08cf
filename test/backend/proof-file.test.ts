import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { display, instanceCount } from '../../src/backend/ezkl/displayed.ts';
import type { EzklTensor } from '../../src/backend/ezkl/manifest.ts';
import {
  decodeEzklProofFile,
  encodeEzklProofFile,
  fromEzklJson,
  toEzklJson,
} from '../../src/backend/ezkl/proof-file.ts';
import { toScalar } from '../../src/field/bn254.ts';

/** As the wheel wrote it for one digit and the mnist-mlp, at 2^−13. */
const ezklProof = JSON.parse(readFileSync('test/vectors/ezkl/wheel-proof.json', 'utf8'));

const tensor = (name: string, size: number, visibility: EzklTensor['visibility']): EzklTensor => {
  return { name, shape: [1, size], scaleBits: 3, visibility };
};

test("EZKL's proof and ours are the same proof", () => {
  const proof = fromEzklJson(ezklProof);
  const back = JSON.parse(toEzklJson(proof));
  expect(back.instances).toEqual(ezklProof.instances);
  expect(back.proof).toEqual(ezklProof.proof);
  const file = { ...proof, version: '23.0.5', kernel: 'wheel', trust: 'insecure-dev', values: { y: [1] } } as const;
  const named = { ...file, modelId: `0x${'12'.repeat(32)}` as const };
  expect(decodeEzklProofFile(encodeEzklProofFile(named))).toEqual(named);
});

test('the numbers displayed are those that EZKL itself displays', () => {
  const { instances } = fromEzklJson(ezklProof);
  const logits = { ...tensor('logits', 10, 'public'), scaleBits: 13 };
  const [shown] = display({ inputs: [tensor('pixels', 784, 'private')], outputs: [logits] }, instances).outputs;
  const [expected] = ezklProof.pretty_public_inputs.rescaled_outputs;
  expect('values' in shown ? shown.values : []).toEqual(expected.map(Number));
});

test('inputs come before outputs, a hashed tensor is one number, a private one none', () => {
  const inputs = [tensor('a', 2, 'public'), tensor('b', 5, 'hashed'), tensor('c', 3, 'private')];
  const outputs = [tensor('y', 1, 'public'), tensor('z', 4, 'hashed')];
  expect(instanceCount({ inputs, outputs })).toBe(5);
  const instances = [8, -4, 77, -1, 99].map(toScalar);
  expect(display({ inputs, outputs }, instances)).toEqual({
    inputs: [
      { name: 'a', shape: [1, 2], integers: [8n, -4n], values: [1, -0.5], visibility: 'public' },
      { name: 'b', visibility: 'hashed', commitment: 77n },
      { name: 'c', visibility: 'private' },
    ],
    outputs: [
      { name: 'y', shape: [1, 1], integers: [-1n], values: [-0.125], visibility: 'public' },
      { name: 'z', visibility: 'hashed', commitment: 99n },
    ],
  });
});

test.each([
  ['two columns', { instances: [[], []] }],
  ['an instance above the modulus', { instances: [['ff'.repeat(32)]] }],
  ['an instance of 31 bytes', { instances: [['00'.repeat(31)]] }],
  ['a byte of 256', { proof: [256] }],
  ['a word for a byte', { proof: ['7'] }],
  ['no proof', { proof: null }],
])("EZKL's proof with %s is malformed", (_, change) => {
  expect(() => fromEzklJson({ ...ezklProof, ...change })).toThrow(/^Malformed/);
});
