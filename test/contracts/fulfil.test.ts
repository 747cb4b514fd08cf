import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployHub, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { makeTestModel, packed, type TestModel } from './test-model.ts';

let chain: TestChain;
let hub: Hub;
let model: TestModel;
let [requester, prover, thief]: string[] = [];

beforeAll(async () => {
  chain = await startTestChain();
  [, requester, prover, thief] = chain.accounts;
  hub = await deployHub(chain);
  model = makeTestModel([packed(3, -100n, 100n)], [packed(2, 0n, 9n)]);
  await hub.register(model);
});
afterAll(() => chain.stop());

const lanes = (...values: number[]): bigint[] => [
  values.reduce((word, value) => (word << 8n) | BigInt(value), 0n) << BigInt(8 * (31 - values.length)),
];

test('a request is answered, paid and delivered', async () => {
  const consumer = await chain.deploy('TestConsumer');
  const request = await hub.ask(model, {
    from: requester,
    consumer,
    fee: 1000n,
    callbackGas: 200_000,
    input: lanes(4, 9),
  });
  expect(await hub.call('requestIdOf', request)).toBe(hub.idOf(request));
  const answer = hub.answer(model, request, prover, lanes(0, 100, 200));
  const { succeeded, events } = await chain.send(hub.to('fulfil', [answer]));
  expect(succeeded).toBe(true);
  expect(events.map(({ name }) => name)).toEqual(['Fulfilled']);
  expect(await chain.call('TestConsumer', consumer, 'lastOutput')).toEqual([-100n, 0n, 100n]);
  expect(await chain.call('TestConsumer', consumer, 'lastRequest')).toBe(hub.idOf(request));
  expect(await hub.call('creditOf', prover)).toBe(1000n);
  const before = await chain.balance(thief);
  await chain.send(hub.to('withdraw', [thief], { from: prover }));
  expect((await chain.balance(thief)) - before).toBe(1000n);
  expect(await chain.refusal(hub.to('withdraw', [prover], { from: prover }))).toBe('NothingToWithdraw');
});
