import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InferenceRequest } from '../../src/evm/binding.ts';
import { BASE_MODULUS, SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { pointOutsideSubgroup } from '../verify/outside-subgroup.ts';
import { deployHub, type Fulfilment, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { hashed, makeTestModel, packed, type TestModel } from './test-model.ts';

let chain: TestChain;
let hub: Hub;
let model: TestModel;
let other: TestModel;
let prover: string;
let thief: string;
let request: InferenceRequest;
let answer: Fulfilment;

const rows = [[packed(2, 0n, 255n), hashed(5)], [packed(1, 0n, 9n)]] as const;
const output = [0x0102n << 232n, 77n];
const input = [3n << 240n];

beforeAll(async () => {
  chain = await startTestChain();
  [, prover, thief] = chain.accounts;
  hub = await deployHub(chain);
  model = makeTestModel(...rows);
  other = makeTestModel(...rows);
  await hub.register(model);
  await hub.register(other);
});
beforeEach(async () => {
  request = await hub.ask(model, { fee: 5n, input });
  answer = hub.answer(model, request, prover, output);
});
afterAll(() => chain.stop());

const refusal = (changed: Fulfilment, from = prover) => chain.refusal(hub.to('fulfil', [changed], { from }));
const withProof = (change: (words: bigint[]) => void): Fulfilment => {
  const proof = [...answer.proof];
  change(proof);
  return { ...answer, proof };
};

test('the unchanged answer is accepted, once', async () => {
  expect(await refusal(answer)).toBe('accepted');
  await chain.send(hub.to('fulfil', [answer]));
  expect(await refusal(answer)).toBe('WrongStatus');
  const second = hub.answer(model, request, thief, output);
  expect(await refusal(second, thief)).toBe('WrongStatus');
});

describe('a copied proof', () => {
  test('pays the prover it names, whoever submits it', async () => {
    expect(await refusal({ ...answer, prover: thief }, thief)).toBe('WrongProof');
    const before = await hub.call('creditOf', prover);
    await chain.send(hub.to('fulfil', [answer], { from: thief }));
    expect(await hub.call('creditOf', prover)).toBe(BigInt(String(before)) + 5n);
    expect(await hub.call('creditOf', thief)).toBe(0n);
  });

  test('answers no other request, even an equal one', async () => {
    const twin = await hub.ask(model, { fee: 5n, input });
    expect(await refusal({ ...answer, request: twin })).toBe('WrongProof');
  });

  test('serves no other consumer', async () => {
    const elsewhere = await hub.ask(model, { fee: 5n, input, consumer: thief });
    expect(await refusal({ ...answer, request: elsewhere })).toBe('WrongProof');
    expect(await refusal({ ...answer, request: { ...request, consumer: thief } })).toBe('WrongStatus');
  });

  test('is worthless at another hub', async () => {
    const elsewhere = await deployHub(chain);
    await elsewhere.register(model);
    const twin = await elsewhere.ask(model, { fee: 5n, input });
    expect(await chain.refusal(elsewhere.to('fulfil', [{ ...answer, request: twin }]))).toBe('WrongProof');
    expect(await chain.refusal(elsewhere.to('fulfil', [answer]))).toBe('WrongStatus');
  });

  test('is worthless on another chain, where the hub has the same address and history', async () => {
    const abroad = await startTestChain(10);
    try {
      const twin = await deployHub(abroad, true);
      expect(twin.address).toBe(hub.address);
      await twin.register(model);
      while ((await twin.call('requestCount')) !== request.sequence - 1n) await twin.ask(model, { fee: 5n, input });
      // Made in the same second with the same lifetime, it would be the request at home in every field.
      const asked = { ...(await twin.ask(model, { fee: 5n, input, lifetime: 5000 })) };
      expect(asked.sequence).toBe(request.sequence);
      expect(await abroad.refusal(twin.to('fulfil', [answer]))).toBe('WrongStatus');
      expect(await abroad.refusal(twin.to('fulfil', [{ ...answer, request: asked }]))).toBe('WrongProof');
      expect(await abroad.refusal(twin.to('fulfil', [twin.answer(model, asked, prover, output)]))).toBe('accepted');
    } finally {
      await abroad.stop();
    }
  });
});

describe('another statement', () => {
  test('of another model is refused', async () => {
    expect(await refusal({ ...answer, request: { ...request, modelId: other.modelId } })).toBe('WrongStatus');
    expect(await refusal(hub.answer(other, request, prover, output))).toBe('WrongProof');
    const asked = await hub.ask(other, { fee: 5n, input });
    expect(await refusal({ ...answer, request: asked })).toBe('WrongProof');
  });

  test('with another output, input or fee is refused', async () => {
    expect(await refusal({ ...answer, output: [output[0] + (1n << 240n), 77n] })).toBe('WrongProof');
    expect(await refusal({ ...answer, output: [output[0], 78n] })).toBe('WrongProof');
    expect(await refusal({ ...answer, request: { ...request, input: [4n << 240n] } })).toBe('WrongStatus');
    expect(await refusal({ ...answer, request: { ...request, fee: 6n } })).toBe('WrongStatus');
  });

  test('cannot move the boundaries between output, binding and input', async () => {
    expect(await refusal({ ...answer, output: [...output, 0n] })).toBe('WrongLength');
    expect(await refusal({ ...answer, output: output.slice(1) })).toBe('WrongLength');
    expect(await refusal({ ...answer, output: [], request: { ...request, input: [...output, ...input] } })).toBe(
      'WrongStatus',
    );
  });

  test('with a second spelling of a signal is refused', async () => {
    expect(await refusal({ ...answer, output: [output[0], 77n + SCALAR_MODULUS] })).toBe('CommitmentOutOfField');
    expect(await refusal({ ...answer, output: [output[0] | 1n, 77n] })).toBe('PaddingNotZero');
    expect(await refusal({ ...answer, output: [output[0] | (1n << 248n), 77n] })).toBe('PaddingNotZero');
  });
});

test('after its deadline a request is refunded, not answered; before, the other way round', async () => {
  const refund = hub.to('refund', [request]);
  expect(await chain.refusal(refund)).toBe('DeadlineNotPassed');
  const before = BigInt(String(await hub.call('creditOf', request.requester)));
  await chain.passTime(2000);
  expect(await refusal(answer)).toBe('DeadlinePassed');
  await chain.send(refund);
  expect(await hub.call('creditOf', request.requester)).toBe(before + 5n);
  expect(await chain.refusal(refund)).toBe('WrongStatus');
  expect(await refusal(answer)).toBe('WrongStatus');
});

describe('a malformed proof', () => {
  test('reverts with the verifier’s error', async () => {
    expect(await refusal(withProof((words) => words.fill(0n)))).toBe('WrongProof');
    expect(await refusal(withProof((words) => words.reverse()))).toBe('MalformedProof');
    expect(await refusal(withProof((words) => (words[1] += 1n)))).toBe('MalformedProof');
    expect(await refusal(withProof((words) => (words[0] += BASE_MODULUS)))).toBe('MalformedProof');
    const infinity = { a: [0n, 0n], b: pointOutsideSubgroup(), c: [0n, 0n] } as const;
    const outside = proofWords(infinity).slice(2, 6);
    expect(await refusal(withProof((words) => words.splice(2, 4, ...outside)))).toBe('MalformedProof');
  });

  test('negated twice is the same statement and settles nothing twice', async () => {
    const twin = withProof((words) => {
      for (const y of [1, 4, 5]) words[y] = BASE_MODULUS - words[y];
    });
    expect(await refusal(twin)).toBe('accepted');
    await chain.send(hub.to('fulfil', [answer]));
    expect(await refusal(twin)).toBe('WrongStatus');
  });
});

test('truncated calldata reverts, extended calldata says the same', async () => {
  const { data = '', ...rest } = hub.to('fulfil', [answer]);
  for (const cut of [2, 64, 66, 1000]) {
    expect(await chain.refusal({ ...rest, data: data.slice(0, -cut) }), `${cut}`).toBe('reverted');
  }
  expect(await chain.refusal({ ...rest, data: `${data}${'ff'.repeat(64)}` })).toBe('accepted');
});

test('a request is refused for an input, model, deadline or callback that cannot be answered', async () => {
  const deadline = (await chain.timestamp()) + 100n;
  const ask = (...[modelId, signals, until, callbackGas]: [string, readonly bigint[], bigint, number]) =>
    chain.refusal(hub.to('request', [modelId, signals, thief, until, callbackGas]));
  const { modelId } = model;
  expect(await ask(modelId, input, deadline, 0)).toBe('accepted');
  expect(await ask(modelId, [10n << 240n], deadline, 0)).toBe('LaneOutOfInterval');
  expect(await ask(modelId, [input[0] + 1n], deadline, 0)).toBe('PaddingNotZero');
  expect(await ask(modelId, [], deadline, 0)).toBe('WrongLength');
  expect(await ask(modelId, [...input, 0n], deadline, 0)).toBe('WrongLength');
  expect(await ask(`0x${'00'.repeat(32)}`, input, deadline, 0)).toBe('UnknownModel');
  expect(await ask(modelId, input, deadline - 1000n, 0)).toBe('DeadlinePassed');
  expect(await ask(modelId, input, deadline, 10_000_001)).toBe('CallbackGasTooHigh');
});

test('nobody can be paid at no address', async () => {
  const nobody = `0x${'00'.repeat(20)}`;
  expect(await refusal(hub.answer(model, request, nobody, output))).toBe('NoProver');
});
