import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MalformedAnswerError } from '../../src/evm/chain/answers.ts';
import { type Chain, NoBlockError } from '../../src/evm/chain/chain.ts';
import { TransactionRevertedError } from '../../src/evm/chain/revert.ts';
import { RpcAnswerError } from '../../src/evm/chain/rpc.ts';
import { developmentAccount } from '../../src/evm/sender/account.ts';
import type { SenderEvent, SentRecord } from '../../src/evm/sender/pending.ts';
import { TransactionRefusedError } from '../../src/evm/sender/refusal.ts';
import { createSender, type Sender, type SenderOptions } from '../../src/evm/sender/sender.ts';
import { InsufficientFundsError } from '../../src/evm/sender/simulate.ts';
import { TransactionUncertainError } from '../../src/evm/sender/uncertain.ts';
import { type DevNode, startDevNode, until } from './dev-node.ts';

vi.setConfig({ testTimeout: 90_000 });

let node: DevNode;
let senders: Sender[];
let events: SenderEvent[];

beforeEach(async () => {
  node = await startDevNode();
  senders = [];
  events = [];
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await node.stop();
});

const onEvent = (event: SenderEvent): void => {
  events.push(event);
};
const kinds = (kind: SenderEvent['kind']): SenderEvent[] => events.filter((event) => event.kind === kind);

function newSender(options: SenderOptions = {}, disturb: Partial<Chain> = {}): Sender {
  const chain = { ...node.chain, ...disturb };
  const sender = createSender(chain, developmentAccount(0, 31337), { pollMs: 30, ...options });
  senders.push(sender);
  return sender;
}

/** An address that nothing else pays: its balance counts what arrived. */
const recipient = `0x${'ab'.repeat(20)}`;
const payment = { to: recipient, data: '0x', valueWei: 1n };
const paid = async (): Promise<bigint> => node.chain.balanceWei(recipient);

test('100 concurrent transactions of one key are each mined once', async () => {
  const sender = newSender();
  const receipts = await Promise.all(Array.from({ length: 100 }, () => sender.send(payment)));
  expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).toBe(100);
  expect(receipts.every(({ succeeded }) => succeeded)).toBe(true);
  expect(await paid()).toBe(100n);
  expect(await node.chain.transactionCount(sender.account.address, 'latest')).toBe(100);
});

test('transactions that the node forgets are sent again', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender();
  const all = Promise.all(Array.from({ length: 12 }, () => sender.send(payment, { onEvent })));
  await until('all sent', () => kinds('sent').length === 12);
  for (const { hash } of kinds('sent').filter((_, i) => i % 3 !== 1)) await node.ask('anvil_dropTransaction', hash);
  await until('dropped ones are sent again', () => kinds('resent').length >= 8);
  await node.mineUntil(all);
  expect(await paid()).toBe(12n);
});

test('a transaction that waits is offered at a higher fee, under the same nonce', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender({ bumpAfterBlocks: 2 });
  const receipt = sender.send(payment, { onEvent });
  await until('sent', () => kinds('sent').length === 1);
  // The base fee climbs above what was offered, so blocks pass it by.
  await node.ask('anvil_setNextBlockBaseFeePerGas', '0x2540be400');
  await node.mine();
  await node.ask('anvil_setNextBlockBaseFeePerGas', '0x2540be400');
  await node.mine(2);
  await until('replaced', () => kinds('replaced').length > 0);
  await node.mine();
  const { transactionHash } = await receipt;
  expect(transactionHash).not.toBe(kinds('sent')[0].hash);
  expect(new Set(events.map(({ nonce }) => nonce))).toEqual(new Set([0]));
  expect(await paid()).toBe(1n);
});

test('no fee above the limit is offered', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender({ bumpAfterBlocks: 1, maxFeeWei: 3_200_000_000n });
  const receipt = sender.send(payment, { onEvent });
  await until('sent', () => kinds('sent').length === 1);
  await node.ask('anvil_setNextBlockBaseFeePerGas', '0x2540be400');
  await node.mine(3);
  await until('capped', () => kinds('capped').length > 0);
  expect(kinds('replaced')).toEqual([]);
  await node.ask('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
  await node.mineUntil(receipt);
  expect((await receipt).effectiveGasPriceWei).toBeLessThanOrEqual(3_200_000_000n);
});

test('a receipt that a reorganisation takes away is waited for again', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender({ confirmations: 3 });
  const before = await node.ask('evm_snapshot');
  const receipt = sender.send(payment, { onEvent });
  await until('sent', () => kinds('sent').length === 1);
  await node.mine();
  await until('mined', () => kinds('mined').length === 1);
  await node.ask('evm_revert', before);
  expect(await paid()).toBe(0n);
  await until('seen to be gone', () => kinds('unmined').length === 1);
  await until('sent again', () => kinds('resent').length >= 1);
  await node.mine(3);
  await receipt;
  expect(await paid()).toBe(1n);
  expect(kinds('confirmed')).toHaveLength(1);
});

test('confirmed transactions that a deep reorganisation takes away are restored under later ones', async () => {
  const sender = newSender();
  const before = await node.ask('evm_snapshot');
  for (let i = 0; i < 3; i++) await sender.send(payment);
  await node.ask('evm_revert', before);
  expect(await paid()).toBe(0n);
  await sender.send(payment, { onEvent });
  expect(await paid()).toBe(4n);
});

test('two senders with one key both get everything through', async () => {
  const [first, second] = [newSender(), newSender()];
  const count = 20;
  await Promise.all(Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? first : second).send(payment)));
  expect(await paid()).toBe(BigInt(2 * count));
});

test('two senders with one key get everything through when blocks are slow', async () => {
  await node.ask('evm_setAutomine', false);
  const [first, second] = [newSender({}), newSender({})];
  const all = Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first : second).send(payment, { onEvent })),
  );
  await node.mineUntil(all);
  expect(await paid()).toBe(20n);
});

test('a nonce below ours that its owner lost is filled', async () => {
  await node.ask('evm_setAutomine', false);
  const stranger = newSender();
  const lost = stranger.send(payment, { onEvent }).catch((error: unknown) => error);
  await until('the first is sent', () => kinds('sent').length === 1);
  const sender = newSender();
  const receipt = sender.send(payment, { onEvent });
  await until('the second is sent', () => kinds('sent').length === 2);
  expect(kinds('sent').map(({ nonce }) => nonce)).toEqual([0, 1]);
  await stranger.close();
  await lost;
  await node.ask('anvil_dropTransaction', kinds('sent')[0].hash);
  await node.ask('evm_setAutomine', true);
  await receipt;
  expect(await paid()).toBe(1n);
});

test('a later process continues with what was signed before', async () => {
  await node.ask('evm_setAutomine', false);
  const records: SentRecord[] = [];
  const first = newSender();
  const lost = first.send(payment, { beforeBroadcast: async (record) => void records.push(record), onEvent });
  const failure = expect(lost).rejects.toThrow('not known whether');
  await until('sent', () => kinds('sent').length === 1);
  await first.close();
  await failure;
  await node.ask('anvil_dropTransaction', records[0].hash);
  const second = newSender();
  const resumed = second.resume(records, { onEvent });
  const another = second.send(payment, { onEvent });
  await until('both are in the pool', () => kinds('resent').length === 1 && kinds('sent').length === 2);
  await node.mine();
  expect((await resumed).transactionHash).toBe(records[0].hash);
  await another;
  expect(await paid()).toBe(2n);
});

test('a call that would revert, or that cannot be paid, is not sent and leaves no gap', async () => {
  const sender = newSender();
  await expect(sender.send({ data: '0x60006000fd' })).rejects.toThrow(TransactionRevertedError);
  await expect(sender.send({ ...payment, valueWei: 10n ** 30n })).rejects.toThrow(InsufficientFundsError);
  await expect(sender.send({ ...payment, valueWei: 10n ** 30n }, { gasLimit: 21_000n })).rejects.toThrow(
    InsufficientFundsError,
  );
  await sender.send(payment);
  expect(await node.chain.transactionCount(sender.account.address, 'latest')).toBe(1);
});

test('a transaction that is mined and fails says so', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender();
  const failing = expect(sender.send({ data: '0x60006000fd' }, { gasLimit: 100_000n, onEvent })).rejects.toThrow(
    /refused the transaction[\s\S]*transaction 0x/,
  );
  await until('sent', () => kinds('sent').length === 1);
  await node.mine();
  await failing;
});

test('an aborted wait ends at once and leaves the transaction to the chain', async () => {
  await node.ask('evm_setAutomine', false);
  const sender = newSender();
  const controller = new AbortController();
  const waiting = expect(sender.send(payment, { signal: controller.signal, onEvent })).rejects.toThrow('enough');
  await until('sent', () => kinds('sent').length === 1);
  controller.abort(new Error('enough'));
  await waiting;
  await node.ask('evm_setAutomine', true);
  await sender.send(payment);
  expect(await paid()).toBe(2n);
});

test('a node that is lost while it takes a transaction does not upset the count of nonces', async () => {
  await node.ask('evm_setAutomine', false);
  let [away, broadcasts] = [false, 0];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sender = newSender(
    {},
    {
      async block(...of) {
        if (away) throw new NoBlockError();
        return node.chain.block(...of);
      },
      async broadcast(raw) {
        broadcasts++;
        if (broadcasts === 2) await held;
        await node.chain.broadcast(raw);
      },
    },
  );
  const first = expect(sender.send(payment, { onEvent })).rejects.toThrow(TransactionUncertainError);
  await until('the first is sent', () => kinds('sent').length === 1);
  const second = sender.send(payment);
  await until('the second is handed over', () => broadcasts === 2);
  away = true;
  await first;
  away = false;
  release();
  const third = sender.send(payment);
  await node.mineUntil(Promise.all([second, third]));
  expect(await paid()).toBe(3n);
});

test('a transaction that is refused although the node has it is not sent twice', async () => {
  let looks = 0;
  const sender = newSender(
    {},
    {
      async broadcast(raw) {
        await node.chain.broadcast(raw);
        throw new RpcAnswerError('eth_sendRawTransaction', { code: -32000, message: 'try later', data: undefined });
      },
      async knows(hash, options) {
        looks++;
        if (looks === 1) throw new MalformedAnswerError('eth_getTransactionByHash');
        return node.chain.knows(hash, options);
      },
    },
  );
  await sender.send(payment);
  await sender.send(payment);
  expect(await paid()).toBe(2n);
  expect(await node.chain.transactionCount(sender.account.address, 'latest')).toBe(2);
});

/** Refuses broadcasts for a while. */
function refusing(when: () => boolean): Partial<Chain> {
  const answer = { code: -32000, message: 'exceeds block gas limit', data: undefined };
  return {
    async broadcast(raw) {
      if (when()) throw new RpcAnswerError('eth_sendRawTransaction', answer);
      await node.chain.broadcast(raw);
    },
  };
}

test('a transaction that the node lost and refuses is offered more and more rarely, at last whoever waits is told', async () => {
  await node.ask('evm_setAutomine', false);
  let [away, refusals] = [false, 0];
  const refuse = refusing(() => {
    if (away) refusals++;
    return away;
  });
  const sender = newSender({ pollMs: 1 }, refuse);
  const lost = sender.send(payment, { onEvent }).catch((error: unknown) => error);
  await until('sent', () => kinds('sent').length === 1);
  away = true;
  await node.ask('anvil_dropTransaction', kinds('sent')[0].hash);
  const error = await lost;
  expect(error).toBeInstanceOf(TransactionUncertainError);
  expect(Object(error).cause).toBeInstanceOf(TransactionRefusedError);
  expect(kinds('refused').map(({ reason }) => reason)).toEqual(Array(8).fill('exceeds block gas limit'));
  expect(refusals).toBe(8);
  away = false;
  await node.mineUntil(sender.send(payment));
  expect(await paid()).toBe(1n);
});

test('a transaction that the node takes back after some refusals is mined', async () => {
  await node.ask('evm_setAutomine', false);
  let away = false;
  const sender = newSender(
    { pollMs: 1 },
    refusing(() => away && kinds('refused').length < 3),
  );
  const receipt = sender.send(payment, { onEvent });
  await until('sent', () => kinds('sent').length === 1);
  away = true;
  await node.ask('anvil_dropTransaction', kinds('sent')[0].hash);
  await until('resent', () => kinds('resent').length === 1);
  expect(kinds('refused')).toHaveLength(3);
  await node.mineUntil(receipt);
  expect(await paid()).toBe(1n);
});

test('a first refusal is told at once and leaves no gap', async () => {
  let refuse = true;
  const sender = newSender(
    {},
    refusing(() => refuse),
  );
  await expect(sender.send(payment)).rejects.toThrow(/refused the transaction[\s\S]*exceeds block gas limit/);
  refuse = false;
  await sender.send(payment);
  expect(await node.chain.transactionCount(sender.account.address, 'latest')).toBe(1);
});
