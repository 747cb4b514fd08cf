import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type InferenceRequest, requestBinding } from '../../src/evm/binding.ts';
import { MalformedAnswerError } from '../../src/evm/chain/answers.ts';
import { type Chain, NoBlockError, openChain } from '../../src/evm/chain/chain.ts';
import { RpcAnswerError } from '../../src/evm/chain/rpc.ts';
import { locate, statusOf } from '../../src/evm/hub/hub.ts';
import { waitForAnswer } from '../../src/evm/hub/request.ts';
import type { NodeEvent } from '../../src/evm/node/events.ts';
import { LockedError } from '../../src/evm/node/lock.ts';
import { StateFileError } from '../../src/evm/node/state.ts';
import { type WatchOptions, watch } from '../../src/evm/node/watch.ts';
import { retryDelayMs } from '../../src/evm/node/work.ts';
import { developmentAccount } from '../../src/evm/sender/account.ts';
import { createSender, type SenderOptions } from '../../src/evm/sender/sender.ts';
import { until } from './dev-node.ts';
import { startFaultyProxy } from './faulty-proxy.ts';
import { type HubWorld, startHubWorld } from './hub-world.ts';
import { toyModelId, toyOutput, toyProver } from './toy-model.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: HubWorld;
let folder: string;
let cleanups: (() => Promise<unknown>)[];

beforeEach(async () => {
  world = await startHubWorld();
  folder = await mkdtemp(join(tmpdir(), 'vouch-watch-'));
  cleanups = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await world.stop();
  await rm(folder, { recursive: true });
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Runs a node with an account of its own. */
function serve(
  account: number,
  options: Partial<WatchOptions> = {},
  senderOptions: SenderOptions & { url?: string; disturb?: (chain: Chain) => Partial<Chain> } = {},
) {
  const events: NodeEvent[] = [];
  const controller = new AbortController();
  const done = (async () => {
    const chain = await openChain(senderOptions.url ?? world.node.url, { firstDelayMs: 20, attempts: 4 });
    const disturbed = { ...chain, ...senderOptions.disturb?.(chain) };
    const sender = createSender(disturbed, developmentAccount(account, 31337), { pollMs: 20, ...senderOptions });
    try {
      return await watch(sender, {
        hub: world.hub,
        modelIds: [toyModelId],
        prove: toyProver(),
        statePath: join(folder, `state-${account}.json`),
        pollMs: 40,
        signal: controller.signal,
        onEvent: (event) => void events.push(event),
        ...options,
      });
    } finally {
      await sender.close();
    }
  })();
  const stop = async () => {
    controller.abort(new Error('the test is over'));
    return done;
  };
  cleanups.push(() => stop().catch(() => {}));
  return { events, done, stop, has: (kind: NodeEvent['kind']) => events.some((event) => event.kind === kind) };
}

const bindingOf = (request: InferenceRequest): bigint =>
  requestBinding(locate(world.node.chain, world.hub), request, developmentAccount(1, 31337).address);

test('requests of its models are answered, with one transaction each', async () => {
  const made = await Promise.all([1, 2, 3, 4, 5].map((v) => world.ask(v)));
  const summary = await serve(1, { until: 'idle' }).done;
  expect(summary).toMatchObject({ fulfilled: 5, failed: 0 });
  for (const [i, { id }] of made.entries()) {
    const { output, prover } = await waitForAnswer(world.node.chain, { hub: world.hub, id });
    expect(toyOutput(output)).toBe(BigInt(4 * (i + 1)));
    expect(prover).toBe(developmentAccount(1, 31337).address);
  }
  expect(await world.transactionsOf(1)).toBe(5);
});

test('a second run has nothing left to do', async () => {
  await world.ask(1);
  await serve(1, { until: 'idle' }).done;
  expect(await serve(1, { until: 'idle' }).done).toMatchObject({ fulfilled: 0 });
  await rm(join(folder, 'state-1.json'));
  expect(await serve(1, { until: 'idle' }).done).toMatchObject({ fulfilled: 1 });
  expect(await world.transactionsOf(1)).toBe(1);
});

test('requests that it does not want are left to others, those it cannot prove are given up', async () => {
  await world.ask(1, { feeWei: 1n });
  await world.ask(2, { feeWei: 100n, callbackGas: 2_000_000 });
  await world.ask(3, { feeWei: 100n, deadline: Date.now() / 1000 + 50 });
  await world.ask(4, { feeWei: 100n });
  const failing = async () => {
    throw new Error('no memory');
  };
  const options = { minFeeWei: 50n, minSecondsLeft: 60, prove: failing, until: 'idle' } as const;
  const { done, events } = serve(1, options);
  expect(await done).toMatchObject({ failed: 1, fulfilled: 0 });
  const reasons = events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []));
  expect(reasons.join('\n')).toMatch(/fee of 1 wei[\s\S]*callback wants[\s\S]*less than 60 s/);
  expect(await world.transactionsOf(1)).toBe(0);
});

test('a request whose input cannot be read is refused, one that failed is forgotten after its deadline', async () => {
  const unreadable = await world.ask(1);
  const failing = await world.ask(2);
  const server = serve(1, {
    accepts: ({ sequence }) => sequence !== unreadable.request.sequence,
    prove: async () => {
      throw new Error('no memory');
    },
  });
  const jobs = async () => JSON.parse(await readFile(join(folder, 'state-1.json'), 'utf8')).jobs;
  await until('given up', () => server.events.some((event) => event.kind === 'failed' && event.final));
  expect(await jobs()).toMatchObject([{ id: failing.id }]);
  await world.node.ask('evm_increaseTime', 4000);
  await world.node.mine();
  await until('forgotten', async () => (await jobs()).length === 0);
  await server.stop();
  const refusals = server.events.filter(({ kind }) => kind === 'refused');
  expect(refusals).toMatchObject([{ id: unreadable.id, reason: 'its input is none of the model' }]);
});

test('of two provers that race, one fulfils each request and the other notices', async () => {
  const first = serve(1, { prove: toyProver(30), until: 12 });
  const second = serve(2, { prove: toyProver(30), until: 12 });
  const made = await Promise.all(Array.from({ length: 12 }, (_, i) => world.ask(i)));
  const [a, b] = await Promise.all([first.done, second.done]);
  expect(a.fulfilled + b.fulfilled).toBe(12);
  expect(a.fulfilled + a['by-other']).toBe(12);
  expect(b.fulfilled + b['by-other']).toBe(12);
  expect((await world.fulfilments()).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('two nodes with the same key fulfil each request once', async () => {
  const other = { statePath: join(folder, 'other.json'), until: 8 } as const;
  const [first, second] = [serve(1, { until: 8 }), serve(1, other)];
  const made = await Promise.all(Array.from({ length: 8 }, (_, i) => world.ask(i)));
  const [a, b] = await Promise.all([first.done, second.done]);
  expect(a.failed + b.failed).toBe(0);
  expect((await world.fulfilments()).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('a fulfilment that a reorganisation undoes is repeated without a new proof', async () => {
  const made = await world.ask(7);
  const before = await world.node.ask('evm_snapshot');
  const server = serve(1);
  await until('settled', () => server.has('settled'));
  await world.node.ask('evm_revert', before);
  await world.node.mine();
  await until('reopened', () => server.has('reopened'));
  await until('settled again', async () => (await statusOf(world.node.chain, world.hub, made.id)) === 'fulfilled');
  await server.stop();
  expect(server.events.filter(({ kind }) => kind === 'proving')).toHaveLength(1);
  expect(await world.fulfilments()).toEqual([made.id]);
});

test('a request that a reorganisation undoes is answered when it comes back', async () => {
  const before = await world.node.ask('evm_snapshot');
  await world.node.ask('evm_setAutomine', false);
  const made = world.ask(3);
  await until(
    'the request waits',
    async () => (await world.node.chain.transactionCount(world.client.account.address, 'pending')) === 3,
  );
  await world.node.mine();
  const { id } = await made;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const honest = toyProver();
  const server = serve(1, {
    until: 2,
    async prove(job, options) {
      await Promise.race([held, untilAborted(options.signal)]);
      return honest(job, options);
    },
  });
  await until('proving', () => server.has('proving'));
  await world.node.ask('evm_revert', before);
  await world.node.mine();
  await until('noticed', () => server.has('reorganised'));
  release();
  await world.node.ask('evm_setAutomine', true);
  // Sending again restores the transaction that was undone.
  const later = await world.ask(4);
  expect(await server.done).toMatchObject({ fulfilled: 2, failed: 0 });
  expect((await world.fulfilments()).sort()).toEqual([id, later.id].sort());
});

test('an RPC that drops, refuses and mangles answers delays and loses nothing', async () => {
  const proxy = await startFaultyProxy(world.node.url, 0.3);
  cleanups.push(proxy.stop);
  const made = await Promise.all(Array.from({ length: 10 }, (_, i) => world.ask(i)));
  expect(await serve(1, { until: 10 }, { url: proxy.url }).done).toMatchObject({ fulfilled: 10, failed: 0 });
  expect(proxy.faults()).toBeGreaterThan(20);
  expect((await world.fulfilments()).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('a node that is away for a while is waited for', async () => {
  const proxy = await startFaultyProxy(world.node.url, 0);
  cleanups.push(proxy.stop);
  const server = serve(1, { until: 1 }, { url: proxy.url });
  await until('started', () => server.has('started'));
  proxy.setRate(1);
  await world.ask(5);
  await until('noticed', () => server.has('node-lost'));
  proxy.setRate(0);
  expect(await server.done).toMatchObject({ fulfilled: 1 });
});

test('a replica that lags behind, and answers that make no sense, are waited out', async () => {
  const faults = [
    new RpcAnswerError('eth_getLogs', {
      code: -32602,
      message: 'block range extends beyond the head',
      data: undefined,
    }),
    new MalformedAnswerError('logs'),
    new NoBlockError(),
  ];
  let lost = 0;
  let proofs = 0;
  let blind = false;
  const disturb = (chain: Chain): Partial<Chain> => ({
    async logs(filter, options) {
      if (lost < faults.length) throw faults[lost];
      return chain.logs(filter, options);
    },
    async call(call, options) {
      if (blind) {
        blind = false;
        throw new MalformedAnswerError('eth_call');
      }
      return chain.call(call, options);
    },
  });
  const honest = toyProver();
  await world.ask(6);
  const { done } = serve(
    1,
    {
      until: 'idle',
      onEvent: ({ kind }) => {
        if (kind === 'node-lost') lost++;
      },
      async prove(job, options) {
        proofs++;
        blind = proofs === 1;
        if (blind) throw new Error('out of memory, and then the node is gone');
        return honest(job, options);
      },
    },
    { disturb },
  );
  expect(await done).toMatchObject({ fulfilled: 1, failed: 0 });
  expect(lost).toBeGreaterThanOrEqual(faults.length);
  expect(proofs).toBe(2);
});

test('a node that answers nonsense before a transaction is sent, and then refuses it, is waited for ever longer', async () => {
  let postponed = 0;
  let broadcasts = 0;
  const refusal = (message: string) => new RpcAnswerError('any', { code: -32000, message, data: undefined });
  const troubles = [refusal('header not found'), new MalformedAnswerError('eth_estimateGas'), new NoBlockError()];
  const disturb = (chain: Chain): Partial<Chain> => ({
    async estimateGas(call, options) {
      if (postponed < troubles.length) throw troubles[postponed];
      return chain.estimateGas(call, options);
    },
    async broadcast(raw) {
      broadcasts++;
      if (postponed < 6) throw refusal('exceeds block gas limit');
      await chain.broadcast(raw);
    },
  });
  const made = await world.ask(6);
  const events: NodeEvent[] = [];
  const onEvent = (event: NodeEvent) => {
    events.push(event);
    if (event.kind === 'postponed') postponed++;
  };
  const { done } = serve(1, { until: 'idle', onEvent }, { disturb });
  expect(await done).toMatchObject({ fulfilled: 1, failed: 0 });
  const waits = events.flatMap((event) => (event.kind === 'postponed' ? [event.retryMs] : []));
  expect(waits).toEqual([40, 80, 160, 320, 640, 1280]);
  expect(broadcasts).toBe(4);
  expect(events.filter(({ kind }) => kind === 'failed')).toEqual([]);
  expect(events.filter(({ kind }) => kind === 'proving')).toHaveLength(1);
  expect(await world.fulfilments()).toEqual([made.id]);
});

test('a request is tried again at least twice a minute, however often it was postponed', () => {
  expect([1, 2, 3, 4, 5000].map((attempts) => retryDelayMs(attempts, 4_000))).toEqual([
    4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

test('a request that ended for good ends once, though an older one stays open', async () => {
  const stuck = await world.ask(1);
  const made = await world.ask(2);
  const honest = toyProver();
  const server = serve(1, {
    reorgBlocks: 2,
    maxProving: 2,
    prove: (job, options) =>
      job.binding === bindingOf(stuck.request) ? untilAborted(options.signal) : honest(job, options),
  });
  await until('settled', () => server.has('settled'));
  await world.node.mine(5);
  const jobs = async () => JSON.parse(await readFile(join(folder, 'state-1.json'), 'utf8')).jobs;
  await until('forgotten', async () => (await jobs()).length === 1);
  const head = (await world.node.chain.block())?.number ?? 0;
  await world.node.mine();
  const seen = async () => JSON.parse(await readFile(join(folder, 'state-1.json'), 'utf8')).head.number;
  await until('looked again', async () => (await seen()) > head);
  expect(server.events.filter(({ kind }) => kind === 'settled')).toMatchObject([{ id: made.id, how: 'fulfilled' }]);
  expect(await jobs()).toMatchObject([{ id: stuck.id }]);
});

test('two nodes do not share a state file, and a file is of one chain', async () => {
  const first = serve(1);
  await until('started', () => first.has('started'));
  await expect(serve(1, { until: 'idle' }).done).rejects.toThrow(LockedError);
  await first.stop();
  const path = join(folder, 'state-1.json');
  await expect(serve(2, { statePath: path, until: 'idle' }).done).rejects.toThrow(StateFileError);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"cursor"', '"cursed"'));
  await expect(serve(1, { until: 'idle' }).done).rejects.toThrow('cursed');
});
