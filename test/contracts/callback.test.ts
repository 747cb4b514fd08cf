import { Interface } from 'ethers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import type { InferenceRequest } from '../../src/evm/binding.ts';
import { deployHub, type Fulfilment, type Hub } from './hub-fixture.ts';
import { MAX_GAS, startTestChain, type TestChain } from './test-chain.ts';
import { makeTestModel, packed, type TestModel } from './test-model.ts';

const moods = { accept: 0, revert: 1, burnGas: 2, returnHuge: 3, revertHuge: 4 };
const consumerAbi = new Interface(loadArtifact('TestConsumer').abi);
const output = [7n << 240n];
let chain: TestChain;
let hub: Hub;
let model: TestModel;
let prover: string;
let consumer: string;

beforeAll(async () => {
  chain = await startTestChain();
  prover = chain.accounts[1];
  hub = await deployHub(chain);
  model = makeTestModel([packed(1, 0n, 9n)], []);
  await hub.register(model);
});
beforeEach(async () => {
  consumer = await chain.deploy('TestConsumer');
});
afterAll(() => chain.stop());

const tell = (name: string, ...values: unknown[]) =>
  chain.send({ to: consumer, data: consumerAbi.encodeFunctionData(name, values) });
const ask = (callbackGas = 100_000, lifetime = 1000) => hub.ask(model, { consumer, fee: 11n, callbackGas, lifetime });
const answer = (request: InferenceRequest): Fulfilment => hub.answer(model, request, prover, output);
const credit = async () => BigInt(String(await hub.call('creditOf', prover)));
const statusOf = async (request: InferenceRequest): Promise<bigint> => {
  const abi = new Interface(loadArtifact('InferenceHub').abi);
  const data = abi.encodeFunctionData('outcomeOf', [hub.idOf(request)]);
  const answered = await chain.rpc('eth_call', { to: hub.address, data }, 'latest');
  return abi.decodeFunctionResult('outcomeOf', String(answered)).getValue('status');
};

test.each(['revert', 'burnGas', 'revertHuge'] as const)(
  'a consumer that answers with %s blocks nothing',
  async (mood) => {
    await tell('setMood', moods[mood]);
    const request = await ask();
    const before = await credit();
    const { events, gasUsed } = await chain.send(hub.to('fulfil', [answer(request)]));
    expect(events.map(({ name }) => name)).toEqual(['Fulfilled', 'CallbackFailed']);
    expect(await credit()).toBe(before + 11n);
    expect(gasUsed).toBeLessThan(450_000);
    expect(await statusOf(request)).toBe(3n);

    const retry = hub.to('retryCallback', [request, output]);
    expect(await chain.refusal(retry)).toBe('CallbackStillFails');
    expect(await chain.refusal(hub.to('retryCallback', [request, [8n << 240n]]))).toBe('WrongOutput');
    await tell('setMood', moods.accept);
    const retried = await chain.send(retry);
    expect(retried.events.map(({ name }) => name)).toEqual(['CallbackDelivered']);
    expect(await chain.call('TestConsumer', consumer, 'lastOutput')).toEqual([7n]);
    expect(await chain.refusal(retry)).toBe('WrongStatus');
    expect(await credit()).toBe(before + 11n);
  },
);

test('returned data costs the prover nothing beyond the stipend', async () => {
  await tell('setMood', moods.returnHuge);
  const { events, gasUsed } = await chain.send(hub.to('fulfil', [answer(await ask())]));
  expect(events.map(({ name }) => name)).toEqual(['Fulfilled']);
  expect(gasUsed).toBeLessThan(450_000);
});

test('a submitter cannot starve the callback, whatever gas it sends', async () => {
  const request = await ask(400_000);
  const transaction = hub.to('fulfil', [answer(request)]);
  const outcomes = new Set<string>();
  for (let gas = 200_000; gas < 1_000_000; gas += 12_500) {
    const snapshot = await chain.rpc('evm_snapshot');
    const { succeeded, events } = await chain.send({ ...transaction, gas });
    if (succeeded) {
      expect(await chain.call('TestConsumer', consumer, 'gasSeen')).toBeGreaterThan(399_000n);
    }
    outcomes.add(succeeded ? events.map(({ name }) => name).join() : 'refused');
    await chain.rpc('evm_revert', snapshot);
  }
  expect(outcomes).toEqual(new Set(['refused', 'Fulfilled']));
});

test('a consumer without code keeps its output until it has some', async () => {
  const request = await hub.ask(model, { consumer: chain.accounts[5], callbackGas: 50_000 });
  const { events } = await chain.send(hub.to('fulfil', [answer(request)]));
  expect(events.map(({ name }) => name)).toEqual(['Fulfilled', 'CallbackFailed']);
});

test('a request without callback calls nobody', async () => {
  const request = await ask(0);
  const { events } = await chain.send(hub.to('fulfil', [answer(request)]));
  expect(events.map(({ name }) => name)).toEqual(['Fulfilled']);
  expect(await chain.call('TestConsumer', consumer, 'calls')).toBe(0n);
  expect(await statusOf(request)).toBe(2n);
});

test('a consumer that re-enters gains nothing', async () => {
  const [first, second] = [await ask(2_000_000), await ask(300_000)];
  const attempts: [string, unknown[], boolean][] = [
    ['fulfil', [answer(first)], false],
    ['refund', [first], false],
    ['retryCallback', [first, output], false],
    ['withdraw', [consumer], false],
    ['fulfil', [answer(second)], true],
  ];
  for (const [name, values, succeeds] of attempts) {
    const snapshot = await chain.rpc('evm_snapshot');
    await tell('setReentry', hub.to(name, values).data);
    const before = await credit();
    const { events } = await chain.send(hub.to('fulfil', [answer(first)], { gas: MAX_GAS }));
    expect(events.filter((event) => event.name === 'Fulfilled')).toHaveLength(succeeds ? 2 : 1);
    expect(await chain.call('TestConsumer', consumer, 'reentrySucceeded')).toBe(succeeds);
    expect(await credit()).toBe(before + (succeeds ? 22n : 11n));
    await chain.rpc('evm_revert', snapshot);
  }
});

test.each([1, 300])(
  'an estimate for a batch suffices when its consumers turn expensive, %i outputs',
  async (elements) => {
    const wide = makeTestModel([packed(elements, 0n, 9n)], []);
    await hub.register(wide);
    const values = Array<bigint>(wide.outputs[0].signals).fill(0n);
    const answers: Fulfilment[] = [];
    for (let i = 0; i < 6; i++) {
      const request = await hub.ask(wide, { consumer, fee: 1n, callbackGas: 60_000 });
      answers.push(hub.answer(wide, request, chain.accounts[2 + i], values));
    }
    await tell('setMood', moods.revert);
    const batch = hub.to('fulfilBatch', [answers]);
    const gas = Number(await chain.rpc('eth_estimateGas', { to: batch.to, data: batch.data }, 'latest'));
    expect(await chain.refusal({ ...batch, gas: gas - 100_000 })).toBe('CallbackStarved');
    await tell('setMood', moods.burnGas);
    const { succeeded, events } = await chain.send({ ...batch, gas });
    expect(succeeded).toBe(true);
    expect(events.map(({ name }) => name)).toEqual(Array(6).fill(['Fulfilled', 'CallbackFailed']).flat());
  },
);

test('a batch whose first callback settles the second request pays both once', async () => {
  const [first, second] = [await ask(2_000_000), await ask(300_000)];
  await tell('setReentry', hub.to('fulfil', [answer(second)]).data);
  const before = await credit();
  await chain.send(hub.to('fulfilBatch', [[answer(first), answer(second)]]));
  expect(await chain.call('TestConsumer', consumer, 'reentrySucceeded')).toBe(true);
  expect(await credit()).toBe(before + 22n);
});
