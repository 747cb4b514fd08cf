import { readFileSync } from 'node:fs';
import { AbiCoder, Interface } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { callBinding } from '../../src/evm/binding.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { deployHub, type Hub, requestIn } from './hub-fixture.ts';
import { startTestChain, type TestChain, type Transaction } from './test-chain.ts';
import { hashed, makeTestModel, packed, type TestModel } from './test-model.ts';

const ether = 10n ** 18n;
let chain: TestChain;
let hub: Hub;

beforeAll(async () => {
  chain = await startTestChain();
  hub = await deployHub(chain);
});
afterAll(() => chain.stop());

describe('CreditVault: a proof in the borrower’s own transaction', () => {
  const abi = new Interface(loadArtifact('CreditVault').abi);
  const commitment = 2n ** 252n + 5n;
  /** Label, then the probabilities of a bad and a good risk in steps of 1/256. */
  const output = [1n << 240n, (26n << 240n) | (230n << 232n)];
  let model: TestModel;
  let market: string;
  let vault: string;
  let borrower: string;
  let stranger: string;
  let attester: string;

  const to = (name: string, values: readonly unknown[], from = borrower, value = 0n): Transaction => {
    return { from, to: vault, value, data: abi.encodeFunctionData(name, values) };
  };
  const amountData = (amount: bigint) => AbiCoder.defaultAbiCoder().encode(['uint256'], [amount]);
  interface Attempt {
    readonly amount?: bigint;
    readonly from?: string;
    readonly nonce?: bigint;
    readonly input?: bigint;
    readonly sent?: bigint;
    readonly sender?: string;
    readonly with?: TestModel;
  }
  /** A proof made for `from`, `nonce` and `amount`, sent by `sender` with `sent`. */
  const proved = (attempt: Attempt = {}): Transaction => {
    const { amount = 1700n * ether, from = borrower, nonce = 0n, input = commitment, sent = amount } = attempt;
    const used = attempt.with ?? model;
    const { modelId } = used;
    const data = amountData(amount);
    const binding = callBinding({
      chainId: BigInt(chain.chainId),
      consumer: vault,
      modelId,
      account: from,
      nonce,
      data,
    });
    const proof = proofWords(used.prove(output, binding, [input]));
    return to('proveThenCall', [modelId, output, [input], proof, amountData(sent)], attempt.sender ?? from);
  };

  beforeAll(async () => {
    [, borrower, stranger, attester] = chain.accounts;
    model = makeTestModel([packed(1, 0n, 1n), packed(2, 0n, 255n, 1 / 256)], [hashed(20)]);
    await hub.register(model);
  });
  beforeEach(async () => {
    market = await chain.deploy('TestMarket');
    vault = await chain.deploy('CreditVault', hub.address, model.modelId, attester, market, market);
    await chain.send(to('attest', [borrower, commitment], attester));
    await chain.send(to('deposit', [], borrower, ether));
  });

  test('the proved score raises the limit', async () => {
    // One ether is worth 2,000: half of it without a score, 85.9375 % with a score of 230/256.
    const most = (2000n * 859_375n * ether) / 1_000_000n;
    expect(await chain.refusal(to('borrow', [1001n * ether]))).toBe('NotEnoughCollateral');
    expect(await chain.refusal(to('borrow', [1000n * ether]))).toBe('accepted');
    expect((await chain.send(proved({ amount: most }))).succeeded).toBe(true);
    expect(await chain.call('TestMarket', market, 'balanceOf', borrower)).toBe(most);
    expect(await chain.call('CreditVault', vault, 'loanToValue', borrower)).toBe((859_375n * ether) / 1_000_000n);
    expect(await chain.refusal(to('borrow', [1n]))).toBe('NotEnoughCollateral');
    expect(await chain.refusal(to('withdraw', [1n]))).toBe('NotEnoughCollateral');
    await chain.send(to('repay', [most]));
    expect(await chain.refusal(to('withdraw', [ether]))).toBe('accepted');
  });

  test('a score expires, and with new data at once', async () => {
    await chain.send(proved({ amount: 0n }));
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('accepted');
    const snapshot = await chain.rpc('evm_snapshot');
    await chain.passTime(31 * 24 * 3600);
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('NotEnoughCollateral');
    await chain.rpc('evm_revert', snapshot);
    await chain.send(to('attest', [borrower, commitment + 1n], attester));
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('NotEnoughCollateral');
  });

  test('a new proof about old data does not make it younger', async () => {
    const day = 24 * 3600;
    await chain.passTime(20 * day);
    await chain.send(proved({ amount: 0n }));
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('accepted');
    expect(await chain.refusal(proved({ nonce: 1n }))).toBe('accepted');
    await chain.passTime(11 * day);
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('NotEnoughCollateral');
    expect(await chain.refusal(proved({ nonce: 1n }))).toBe('AttestationExpired');
    await chain.send(to('attest', [borrower, commitment], attester));
    expect(await chain.refusal(to('borrow', [1700n * ether]))).toBe('NotEnoughCollateral');
    expect(await chain.refusal(proved({ nonce: 1n }))).toBe('accepted');
  });

  test('a proof serves its account, nonce, data, contract and model only, and once', async () => {
    expect(await chain.refusal(proved())).toBe('accepted');
    expect(await chain.refusal(proved({ sender: stranger }))).toBe('WrongProof');
    expect(await chain.refusal(proved({ sent: 1n }))).toBe('WrongProof');
    expect(await chain.refusal(proved({ nonce: 1n }))).toBe('WrongProof');
    expect(await chain.refusal(proved({ input: commitment + 1n }))).toBe('NotTheAttestedInput');
    expect(await chain.refusal(proved({ from: stranger }))).toBe('NotTheAttestedInput');
    const lookalike = makeTestModel(model.outputs, model.inputs);
    await hub.register(lookalike);
    expect(await chain.refusal(proved({ with: lookalike }))).toBe('UntrustedModel');
    const once = proved({ amount: 100n * ether });
    const twin = await chain.deploy('CreditVault', hub.address, model.modelId, attester, market, market);
    expect(await chain.refusal({ ...once, to: twin })).toBe('WrongProof');
    await chain.send(once);
    expect(await chain.refusal(once)).toBe('WrongProof');
    expect(await chain.refusal(proved({ amount: 100n * ether, nonce: 1n }))).toBe('accepted');
  });

  test('the binding is the one that TypeScript computes', async () => {
    const data = amountData(5n);
    const ours = { chainId: BigInt(chain.chainId), consumer: vault, account: borrower, nonce: 0n, data };
    const theirs = await chain.call('CreditVault', vault, 'callBindingOf', model.modelId, borrower, data);
    expect(theirs).toBe(callBinding({ ...ours, modelId: model.modelId }));
  });

  test('a model without a hashed input is no credit model', async () => {
    const open = makeTestModel([packed(1, 0n, 1n)], [packed(1, 0n, 1n)]);
    await hub.register(open);
    await expect(chain.deploy('CreditVault', hub.address, open.modelId, attester, market, market)).rejects.toThrow();
  });
});

describe('VolatilityFee: a request through the hub', () => {
  const abi = new Interface(loadArtifact('VolatilityFee').abi);
  const step = 0.25;
  let model: TestModel;
  let feed: string;
  let pool: string;
  let prover: string;

  const to = (name: string, values: readonly unknown[], from = pool, value = 0n): Transaction => {
    return { from, to: feed, value, data: abi.encodeFunctionData(name, values) };
  };
  const fee = () => chain.call('VolatilityFee', feed, 'fee');
  const recordDays = async () => {
    for (let day = 0; day < 10; day++) {
      const open = 100n + BigInt(day);
      await chain.send(to('recordDay', [[open, open + 20n, open - 1n, open + 1n].map((price) => price * ether)]));
    }
  };
  const ask = async () => {
    const { events } = await chain.send(to('ask', [], pool, 9n));
    return requestIn(
      events
        .find(({ name }) => name === 'Requested')
        ?.args.getValue('request')
        .toObject(),
    );
  };
  const answer = (request: Awaited<ReturnType<typeof ask>>, quarters: bigint) =>
    chain.send(hub.to('fulfil', [hub.answer(model, request, prover, [quarters << 240n])]));

  beforeAll(async () => {
    [pool, prover] = chain.accounts.slice(4);
    model = makeTestModel([packed(1, 0n, 255n, step)], [packed(40, -40n, 40n, step)]);
    await hub.register(model);
  });
  beforeEach(async () => {
    feed = await chain.deploy('VolatilityFee', hub.address, model.modelId, pool);
  });

  test('the input is made from the recorded prices, to the nearest unit within bounds', async () => {
    expect(await chain.refusal(to('ask', []))).toBe('TooFewDays');
    await recordDays();
    const { input } = await ask();
    const bytes = input.flatMap((signal) => [...Buffer.from(signal.toString(16).padStart(62, '0'), 'hex')]);
    const expected = Array.from({ length: 40 }, (_, i) => {
      const open = 100 + Math.floor(i / 4);
      const percent = ([open, open + 20, open - 1, open + 1][i % 4] / 110) * 100 - 100;
      return Math.max(-40, Math.min(40, Math.sign(percent) * Math.round(Math.abs(percent) / step)));
    });
    expect(bytes.slice(0, 40).map((lane) => lane - 40)).toEqual(expected.map((unit) => unit + 0));
  });

  test('the answer sets the fee within its limits', async () => {
    await recordDays();
    expect(await fee()).toBe(10_000n);
    await answer(await ask(), 6n);
    expect(await fee()).toBe(4500n);
    await answer(await ask(), 0n);
    expect(await fee()).toBe(500n);
    await answer(await ask(), 255n);
    expect(await fee()).toBe(10_000n);
  });

  test('a fee that nobody earned comes back to the pool, and a proof of one’s own is not taken', async () => {
    await recordDays();
    const request = await ask();
    await chain.passTime(3700);
    await chain.send(hub.to('refund', [request]));
    const before = await chain.balance(pool);
    await chain.send(to('withdrawRefunds', [], prover));
    expect((await chain.balance(pool)) - before).toBe(9n);
    const { modelId } = model;
    const call = { chainId: BigInt(chain.chainId), consumer: feed, modelId, account: prover, nonce: 0n, data: '0x' };
    const proof = proofWords(model.prove([0n], callBinding(call), request.input));
    const transaction = to('proveThenCall', [modelId, [0n], request.input, proof, '0x'], prover);
    expect(await chain.refusal(transaction)).toBe('Unsupported');
  });

  test('whoever keeps asking does not hold back the answers to earlier requests', async () => {
    await recordDays();
    const [first, second] = [await ask(), await ask()];
    await chain.send(to('ask', [], prover));
    await answer(first, 6n);
    expect(await fee()).toBe(4500n);
    await chain.send(to('ask', [], prover));
    await answer(second, 2n);
    expect(await fee()).toBe(1500n);
  });

  test('an older request, a stranger’s request and a stranger’s call set nothing', async () => {
    await recordDays();
    const older = await ask();
    await answer(await ask(), 6n);
    await answer(older, 2n);
    expect(await fee()).toBe(4500n);
    const planted = await hub.ask(model, { from: prover, consumer: feed, callbackGas: 100_000 });
    const { events } = await answer(planted, 2n);
    expect(events.map(({ name }) => name)).toEqual(['Fulfilled', 'CallbackFailed']);
    expect(await chain.refusal(to('onInference', [hub.idOf(older), [2n]]))).toBe('NotTheHub');
    expect(await fee()).toBe(4500n);
    expect(await chain.refusal(to('recordDay', [[1n, 1n, 1n, 1n]], prover))).toBe('NotThePool');
  });
});

test('FirstConsumer keeps the answer, returns refunds, and the guide shows its code', async () => {
  const model = makeTestModel([packed(1, -9n, 9n)], [packed(1, 0n, 9n)]);
  await hub.register(model);
  const consumer = await chain.deploy('FirstConsumer', hub.address, model.modelId);
  const abi = new Interface(loadArtifact('FirstConsumer').abi);
  const ask = async () => {
    const data = abi.encodeFunctionData('ask', [[3n << 240n]]);
    const { events } = await chain.send({ to: consumer, data, value: 5n });
    return requestIn(events[0].args.getValue('request').toObject());
  };
  const request = await ask();
  await chain.send(hub.to('fulfil', [hub.answer(model, request, chain.accounts[1], [2n << 240n])]));
  expect(await chain.call('FirstConsumer', consumer, 'answerTo', hub.idOf(request))).toBe(-7n);

  const unanswered = await ask();
  await chain.passTime(3700);
  await chain.send(hub.to('refund', [unanswered]));
  const [owner, stranger] = chain.accounts;
  const before = await chain.balance(owner);
  await chain.send({ from: stranger, to: consumer, data: abi.encodeFunctionData('withdrawRefunds') });
  expect((await chain.balance(owner)) - before).toBe(5n);

  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const source = read('contracts/examples/FirstConsumer.sol');
  expect(read('docs/contracts.md')).toContain(source.slice(source.indexOf('contract FirstConsumer')));
});
