import { Interface } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import type { InferenceRequest } from '../../src/evm/binding.ts';
import { fc } from '../property.ts';
import { deployHub, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { makeTestModel, packed, type TestModel } from './test-model.ts';

const [RUNS, STEPS] = process.env.VOUCH_HEAVY === undefined ? [4, 20] : [40, 30];
const output = [5n << 240n];
let chain: TestChain;
let hub: Hub;
let model: TestModel;
let consumers: string[];

beforeAll(async () => {
  chain = await startTestChain();
  hub = await deployHub(chain);
  model = makeTestModel([packed(1, 0n, 9n)], []);
  await hub.register(model);
  const [quiet, reverting] = [await chain.deploy('QuietConsumer'), await chain.deploy('TestConsumer')];
  const abi = new Interface(loadArtifact('TestConsumer').abi);
  await chain.send({ to: reverting, data: abi.encodeFunctionData('setMood', [1]) });
  consumers = [quiet, reverting];
});
afterAll(() => chain.stop());

/** What the hub must agree with: written from its interface, not from its code. */
interface Ledger {
  readonly requests: { readonly request: InferenceRequest; status: 'pending' | 'settled' | 'failed' | 'refunded' }[];
  readonly credit: Map<string, bigint>;
  withdrawn: bigint;
  deposited: bigint;
}

interface Step {
  readonly description: string;
  apply(ledger: Ledger): Promise<void>;
}

const actor = fc.nat({ max: 2 }).map((i) => () => chain.accounts[i + 1]);
const pick = fc.nat({ max: 999 });

/** Mines a transaction, refused or not, and compares; `accepted` is told the time of its block. */
async function expectOutcome(
  accepted: (now: bigint) => boolean,
  transaction: Parameters<TestChain['send']>[0],
): Promise<boolean> {
  const { succeeded } = await chain.send(transaction);
  expect(succeeded).toBe(accepted(await chain.timestamp()));
  return succeeded;
}

function chosen(ledger: Ledger, index: number) {
  return ledger.requests.length === 0 ? undefined : ledger.requests[index % ledger.requests.length];
}

function credit(ledger: Ledger, account: string, amount: bigint): void {
  ledger.credit.set(account, (ledger.credit.get(account) ?? 0n) + amount);
}

function settle(ledger: Ledger, entry: Ledger['requests'][number], prover: string): void {
  entry.status = entry.request.consumer === consumers[1] && entry.request.callbackGas > 0n ? 'failed' : 'settled';
  credit(ledger, prover, entry.request.fee);
}

const ask = fc
  .record({
    from: actor,
    fee: fc.bigInt({ min: 0n, max: 10n ** 18n }),
    brief: fc.boolean(),
    consumer: fc.nat(1),
    callback: fc.boolean(),
  })
  .map(({ from, fee, brief, consumer, callback }): Step => {
    return {
      description: `ask for ${fee}${brief ? ', briefly' : ''}`,
      async apply(ledger) {
        const [lifetime, callbackGas] = [brief ? 60 : 100_000, callback ? 60_000 : 0];
        const options = { from: from(), fee, lifetime, callbackGas, consumer: consumers[consumer] };
        ledger.requests.push({ request: await hub.ask(model, options), status: 'pending' });
        ledger.deposited += fee;
      },
    };
  });

const fulfil = fc.tuple(pick, actor, actor).map(([index, prover, sender]): Step => {
  return {
    description: `fulfil ${index}`,
    async apply(ledger) {
      const entry = chosen(ledger, index);
      if (entry === undefined) return;
      const { request, status } = entry;
      const answer = hub.answer(model, request, prover(), output);
      const accepted = (now: bigint) => status === 'pending' && now <= request.deadline;
      const done = await expectOutcome(accepted, hub.to('fulfil', [answer], { from: sender() }));
      if (done) settle(ledger, entry, prover());
    },
  };
});

const fulfilBatch = fc
  .tuple(fc.array(pick, { minLength: 1, maxLength: 4 }), actor, fc.boolean())
  .map(([indices, prover, poisoned]): Step => {
    return {
      description: `fulfil ${indices} together${poisoned ? ', one wrongly' : ''}`,
      async apply(ledger) {
        const entries = indices.flatMap((index) => chosen(ledger, index) ?? []);
        if (entries.length === 0) return;
        const answers = entries.map(({ request }) => hub.answer(model, request, prover(), output));
        if (poisoned) answers[0] = { ...answers[0], output: [6n << 240n] };
        await expectOutcome(() => !poisoned, hub.to('fulfilBatch', [answers]));
        if (poisoned) return;
        const now = await chain.timestamp();
        for (const entry of entries) {
          if (entry.status === 'pending' && now <= entry.request.deadline) settle(ledger, entry, prover());
        }
      },
    };
  });

const refund = pick.map((index): Step => {
  return {
    description: `refund ${index}`,
    async apply(ledger) {
      const entry = chosen(ledger, index);
      if (entry === undefined) return;
      const { request, status } = entry;
      const accepted = (now: bigint) => status === 'pending' && now > request.deadline;
      if (!(await expectOutcome(accepted, hub.to('refund', [request])))) return;
      entry.status = 'refunded';
      credit(ledger, request.requester, request.fee);
    },
  };
});

const retry = pick.map((index): Step => {
  return {
    description: `retry ${index}`,
    async apply(ledger) {
      const entry = chosen(ledger, index);
      if (entry !== undefined) await expectOutcome(() => false, hub.to('retryCallback', [entry.request, output]));
    },
  };
});

const withdraw = actor.map((from): Step => {
  return {
    description: 'withdraw',
    async apply(ledger) {
      const amount = ledger.credit.get(from()) ?? 0n;
      await expectOutcome(() => amount > 0n, hub.to('withdraw', [from()], { from: from() }));
      ledger.credit.set(from(), 0n);
      ledger.withdrawn += amount;
    },
  };
});

const wait: fc.Arbitrary<Step> = fc.constant({ description: 'wait', apply: () => chain.passTime(50) });

async function checkInvariants(ledger: Ledger): Promise<void> {
  const pending = ledger.requests.filter(({ status }) => status === 'pending');
  const escrow = pending.reduce((sum, { request }) => sum + request.fee, 0n);
  const owed = [...ledger.credit.values()].reduce((sum, amount) => sum + amount, 0n);
  const balance = await chain.balance(hub.address);
  expect(balance, 'escrow and credits are covered, and nothing is stranded').toBe(escrow + owed);
  expect(balance + ledger.withdrawn, 'no fee is lost').toBe(ledger.deposited);
  for (const [account, amount] of ledger.credit) expect(await hub.call('creditOf', account)).toBe(amount);
  const names = ['unknown', 'pending', 'settled', 'failed', 'refunded'];
  for (const { request, status } of ledger.requests) {
    const outcome = await hub.call('outcomeOf', hub.idOf(request));
    if (!Array.isArray(outcome)) throw new Error('expected status and digest');
    expect(names[Number(outcome[0])]).toBe(status);
  }
}

test('whatever is called in whatever order, every fee has one owner', { timeout: 600_000 }, async () => {
  const step = fc.oneof(
    { arbitrary: ask, weight: 4 },
    { arbitrary: fulfil, weight: 3 },
    { arbitrary: fulfilBatch, weight: 2 },
    ...[refund, retry, withdraw, wait].map((arbitrary) => ({ arbitrary, weight: 2 })),
  );
  const steps = fc.array(step, { minLength: STEPS / 2, maxLength: STEPS });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const snapshot = await chain.rpc('evm_snapshot');
      const ledger: Ledger = { requests: [], credit: new Map(), withdrawn: 0n, deposited: 0n };
      try {
        for (const { apply } of sequence) await apply(ledger);
        await checkInvariants(ledger);
      } finally {
        await chain.rpc('evm_revert', snapshot);
      }
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 540_000 },
  );
});
