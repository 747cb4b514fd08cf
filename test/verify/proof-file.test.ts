import { expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { decodeProofFile, encodeProofFile, type ProofFile } from '../../src/verify/proof-file.ts';

const digest: `0x${string}` = `0x${'ab'.repeat(32)}`;
// The generators: valid points, which is all that the codec checks.
const file: ProofFile = {
  modelId: digest,
  vkDigest: digest,
  trust: 'insecure-dev',
  backend: 'groth16',
  kernel: 'snarkjs-0.7.6',
  publicSignals: [toScalar(7), toScalar(-1)],
  proof: {
    a: [1n, 2n],
    b: [
      [
        10857046999023057135944570762232829481370756359578518086990519993285655852781n,
        11559732032986387107991004021392285783925812861821192530917403151452391805634n,
      ],
      [
        8495653923123431417604973247489272438418190587263600148770280649306958101930n,
        4082367875863433681332203403145435568316851327593401208105741076214120093531n,
      ],
    ],
    c: [1n, 2n],
  },
  layout: { outputs: [{ name: 'y' }] },
  outputs: [
    { name: 'y', visibility: 'public', shape: [2], integers: [-3n, 2n ** 60n], values: [-0.75, 0.5] },
    { name: 'z', visibility: 'argmax', shape: [], integers: [3n], values: [3] },
    { name: 'c', visibility: 'hashed', commitment: toScalar(6) },
  ],
  inputs: [
    { name: 'x', visibility: 'private' },
    { name: 'h', visibility: 'hashed', commitment: toScalar(5) },
    { name: 'p', visibility: 'public', shape: [], integers: [1n], values: [1] },
  ],
  binding: digest,
};

test('survives a round trip', () => {
  expect(decodeProofFile(encodeProofFile(file))).toEqual(file);
});

test('everything that is missing, unknown, too large or not canonical is refused by name', () => {
  const json = JSON.parse(encodeProofFile(file));
  const decode = (change: object) => () => decodeProofFile(JSON.stringify({ ...json, ...change }));
  for (const key of Object.keys(json)) {
    expect(decode({ [key]: undefined }), key).toThrow(`the field ${key} is missing`);
    expect(decode({ [key]: 1 }), key).toThrow('Malformed');
  }
  expect(decode({ note: '' })).toThrow('unknown field "note"');
  expect(decode({ modelId: digest.toUpperCase() })).toThrow('lower-case hex');
  expect(decode({ publicSignals: [String(2n ** 255n)] })).toThrow('publicSignals[0]');
  expect(decode({ publicSignals: ['-1'] })).toThrow('not a natural number');
  expect(decode({ publicSignals: Array(65_537).fill('0') })).toThrow('at most 65536');
  expect(decode({ trust: 'trusted' })).toThrow('"trusted" is none of');
  expect(decode({ outputs: [{ ...json.outputs[0], shape: [3] }] })).toThrow('expected 3 of each');
  expect(decode({ outputs: [{ ...json.outputs[0], shape: [-1] }] })).toThrow('natural number');
  expect(decode({ inputs: [{ name: 'x', visibility: 'private', tensor: 1 }] })).toThrow('unknown field "tensor"');
  expect(decode({ proof: { ...json.proof, pi_a: ['1', '3', '1'] } })).toThrow('does not lie on the curve');
  expect(() => decodeProofFile('{')).toThrow('not JSON');
});
