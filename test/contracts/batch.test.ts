import { Interface } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import type { InferenceRequest } from '../../src/evm/binding.ts';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { deployHub, type Fulfilment, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { hashed, makeTestModel, packed, type TestModel } from './test-model.ts';

let chain: TestChain;
let hub: Hub;
let model: TestModel;
let verifier: string;
let provers: string[];

beforeAll(async () => {
  chain = await startTestChain();
  provers = chain.accounts.slice(1, 4);
  hub = await deployHub(chain);
  model = makeTestModel([packed(4, 0n, 3n), hashed(1)], [packed(1, 0n, 9n)]);
  await hub.register(model);
  verifier = String(await hub.call('verifierOf', model.modelId));
});
afterAll(() => chain.stop());

const outputOf = (i: number): bigint[] => [BigInt(i % 4) << 216n, SCALAR_MODULUS - 1n - BigInt(i)];

async function askMany(count: number, fee = 7n): Promise<InferenceRequest[]> {
  const requests: InferenceRequest[] = [];
  for (let i = 0; i < count; i++) requests.push(await hub.ask(model, { fee }));
  return requests;
}

function answerAll(requests: readonly InferenceRequest[]): Fulfilment[] {
  return requests.map((request, i) => hub.answer(model, request, provers[i % provers.length], outputOf(i)));
}

const settle = (answers: readonly Fulfilment[]) => hub.to('fulfilBatch', [answers]);

test('a batch of any size pays every prover for its own request', async () => {
  for (const size of [1, 2, 5]) {
    const before = await Promise.all(provers.map((prover) => hub.call('creditOf', prover)));
    const { events } = await chain.send(settle(answerAll(await askMany(size))));
    expect(events.map(({ name }) => name)).toEqual(Array(size).fill('Fulfilled'));
    for (const [i, prover] of provers.entries()) {
      const earned = Array.from({ length: size }, (_, j) => j).filter((j) => j % provers.length === i).length * 7;
      expect(await hub.call('creditOf', prover)).toBe(BigInt(String(before[i])) + BigInt(earned));
    }
  }
});

test('one poisoned proof rejects the batch, wherever it stands, and the others can still be settled', async () => {
  const requests = await askMany(3);
  const answers = answerAll(requests);
  for (let i = 0; i < 3; i++) {
    const poisoned = answers.with(i, { ...answers[i], output: outputOf(i + 1) });
    expect(await chain.refusal(settle(poisoned))).toBe('WrongProof');
    const stolen = answers.with(i, { ...answers[i], prover: chain.accounts[9] });
    expect(await chain.refusal(settle(stolen))).toBe('WrongProof');
    const broken = answers.with(i, { ...answers[i], proof: answers[i].proof.with(7, 1n) });
    expect(await chain.refusal(settle(broken))).toBe('MalformedProof');
  }
  expect(await chain.refusal(settle(answers.slice(1)))).toBe('accepted');
});

test('errors of two proofs do not cancel out', async () => {
  const requests = await askMany(2);
  const [first, second] = answerAll(requests);
  const [a, b] = [first.output[1], second.output[1]];
  const forged = [
    { ...first, output: [first.output[0], a - 1n] },
    { ...second, output: [second.output[0], b + 1n] },
  ];
  expect(await chain.refusal(settle(forged))).toBe('WrongProof');
  const swapped = [
    { ...first, proof: second.proof },
    { ...second, proof: first.proof },
  ];
  expect(await chain.refusal(settle(swapped))).toBe('WrongProof');
});

test('settling or outliving one request of a batch does not spoil the others', async () => {
  const requests = [...(await askMany(2)), await hub.ask(model, { fee: 7n, lifetime: 100 })];
  const answers = answerAll(requests);
  await chain.send(hub.to('fulfil', [answers[0]], { from: chain.accounts[9] }));
  await chain.passTime(200);
  const { events } = await chain.send(settle(answers));
  expect(events.map(({ args }) => args.getValue('requestId'))).toEqual([hub.idOf(requests[1])]);
  expect(await chain.refusal(hub.to('refund', [requests[2]]))).toBe('accepted');
});

test('a request counts once, even twice in one batch', async () => {
  const [request] = await askMany(1);
  const [answer] = answerAll([request]);
  const before = BigInt(String(await hub.call('creditOf', answer.prover)));
  await chain.send(settle([answer, answer]));
  expect(await hub.call('creditOf', answer.prover)).toBe(before + 7n);
});

test('a batch is of one model, of requests that were made, and not empty', async () => {
  const other = makeTestModel(model.outputs, model.inputs);
  await hub.register(other);
  const requests = await askMany(1);
  const [answer] = answerAll(requests);
  const foreign = await hub.ask(other);
  expect(await chain.refusal(settle([]))).toBe('EmptyBatch');
  expect(await chain.refusal(settle([answer, hub.answer(other, foreign, provers[0], outputOf(0))]))).toBe(
    'MixedModels',
  );
  const unknown = { ...requests[0], sequence: 10_000n };
  expect(await chain.refusal(settle([answer, hub.answer(model, unknown, provers[0], outputOf(0))]))).toBe(
    'WrongStatus',
  );
});

test('the verifier refuses batches that are too large, miscounted or out of the field', async () => {
  const proof = hub.answer(model, (await askMany(1))[0], provers[0], outputOf(0)).proof;
  const verify = async (proofs: number, signals: readonly bigint[]) => {
    const abi = new Interface(loadArtifact('ModelVerifier').abi);
    return chain.refusal({
      to: verifier,
      data: abi.encodeFunctionData('verifyBatch', [Array(proofs).fill(proof), signals]),
    });
  };
  expect(await verify(2, Array(8).fill(1n))).toBe('accepted');
  expect(await verify(0, [])).toBe('WrongBatchSize');
  expect(await verify(257, Array(4 * 257).fill(1n))).toBe('WrongBatchSize');
  expect(await verify(2, Array(7).fill(1n))).toBe('WrongSignalCount');
  expect(await verify(2, Array(9).fill(1n))).toBe('WrongSignalCount');
  for (let i = 0; i < 8; i++) {
    expect(await verify(2, Array(8).fill(1n).with(i, SCALAR_MODULUS))).toBe('SignalOutOfField');
  }
});
