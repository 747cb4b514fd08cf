import { afterAll, beforeAll, expect, test } from 'vitest';
import { keccak } from '../../src/verify/evm-words.ts';
import { deployHub, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';
import { encodeTable, hashed, hidden, makeTestModel, packed, type Row, type TestModel } from './test-model.ts';

let chain: TestChain;
let hub: Hub;
let model: TestModel;

beforeAll(async () => {
  chain = await startTestChain();
  hub = await deployHub(chain);
  model = makeTestModel([packed(3, -5n, 300n, 0.125)], [hidden(4), hashed(9), packed(40, 0n, 255n)]);
});
afterAll(() => chain.stop());

const verdict = (data: Uint8Array) => chain.refusal(hub.to('registerModel', [data, '']));

test('a model has the same id and verifier whoever registers it, and however often', async () => {
  const [first, second] = [chain.accounts[1], chain.accounts[2]];
  const register = (from: string) => chain.send(hub.to('registerModel', [model.data, 'ipfs://files'], { from }));
  const { events } = await register(first);
  expect(events.map(({ name }) => name)).toEqual(['ModelRegistered', 'ModelAnnounced']);
  expect(events[0].args.getValue('modelId')).toBe(model.modelId);
  const verifier = await hub.call('verifierOf', model.modelId);
  expect((await register(second)).events.map(({ name }) => name)).toEqual(['ModelAnnounced']);
  expect(await hub.call('verifierOf', model.modelId)).toBe(verifier);
  expect(await chain.call('ModelVerifier', String(verifier), 'modelId')).toBe(model.modelId);
  expect(await chain.call('ModelVerifier', String(verifier), 'signalCount')).toBe(BigInt(model.signals));
});

test('the layout table is read back from the verifier’s code', async () => {
  const layout = await hub.call('layoutOf', model.modelId);
  const scaleBits = (scale: number) => new DataView(new Float64Array([scale]).buffer).getBigUint64(0, true);
  const expected = (rows: readonly Row[]) =>
    rows.map((row) => [
      ...[row.encoding, row.laneBytes, row.signals, row.elements].map(BigInt),
      ...[row.lo, row.span, scaleBits(row.scale)],
    ]);
  expect(layout).toEqual([expected(model.outputs), expected(model.inputs)]);
  expect(await chain.refusal(hub.to('layoutOf', [`0x${'11'.repeat(32)}`]))).toBe('UnknownModel');
});

test('digests and ids are computed, never believed', async () => {
  const { data } = model;
  const flipped = (offset: number) => data.map((byte, i) => (i === offset ? byte ^ 1 : byte));
  const keyStart = data.length - 32 - 64 * model.signals - 576;
  expect(keccak(data.slice(keyStart - 288, keyStart))).toBe(model.modelId);
  expect(await verdict(data)).toBe('accepted');
  expect(await verdict(flipped(0))).toBe('InconsistentModelData');
  expect(await verdict(flipped(keyStart))).toBe('InconsistentModelData');
  expect(await verdict(flipped(keyStart - 288 + 160))).toBe('InconsistentModelData');
  expect(await verdict(flipped(keyStart - 288 + 192))).toBe('InconsistentModelData');
  for (const offset of [keyStart - 288 + 31, keyStart - 64 + 31, data.length - 1, data.length - 3]) {
    expect(await verdict(flipped(offset)), `${offset}`).toBe('MalformedModelData');
  }
  expect(await verdict(data.slice(1))).toBe('MalformedModelData');
  expect(await verdict(data.slice(0, 895))).toBe('MalformedModelData');
});

test('a layout table that contradicts itself or the key is refused', async () => {
  const good = packed(3, -5n, 300n);
  const withTable = (table: Uint8Array) => verdict(makeTestModel([good], [], { table }).data);
  const withRow = (change: Partial<Row>) => withTable(encodeTable([{ ...good, ...change }], []));
  expect(await withRow({})).toBe('accepted');
  expect(await withRow({ span: 65535n })).toBe('accepted');
  const wrong: Partial<Row>[] = [
    ...[{ encoding: 3 }, { encoding: 255 }, { laneBytes: 0 }, { laneBytes: 9 }, { signals: 2 }, { signals: 0 }],
    ...[{ elements: 16 }, { elements: 0 }, { span: 65536n }, { encoding: 0 }, { laneBytes: 1 }],
    { laneBytes: 8, elements: 3, lo: 2n ** 62n, span: 2n ** 62n },
    { encoding: 2, signals: 2 },
  ];
  for (const change of wrong) {
    expect(await withRow(change), Object.keys(change).join()).toBe('MalformedLayout');
  }
  expect(await withTable(encodeTable([good, hashed(1)], []))).toBe('MalformedLayout');
  expect(await withTable(encodeTable([good], []).slice(0, 32))).toBe('MalformedLayout');
  expect(await withTable(encodeTable([good], []).map((byte, i) => (i === 13 ? 0x31 : byte)))).toBe('MalformedLayout');
  expect(await withTable(encodeTable([good], []).map((byte, i) => (i === 24 ? 0xff : byte)))).toBe('MalformedLayout');
});

test('releases never move and belong to their publisher', async () => {
  const other = makeTestModel([packed(1, 0n, 1n)], []);
  const [publisher, stranger] = [chain.accounts[3], chain.accounts[4]];
  const release = (id: string, minor: number, from = publisher) =>
    hub.to('release', ['credit', 1, minor, id], { from });
  expect(await chain.refusal(release(other.modelId, 0))).toBe('UnknownModel');
  await hub.register(model);
  await hub.register(other);
  const { events } = await chain.send(release(model.modelId, 0));
  expect(events.map(({ name }) => name)).toEqual(['Released']);
  expect((await chain.send(release(model.modelId, 0))).events).toEqual([]);
  expect(await chain.refusal(release(other.modelId, 0))).toBe('ReleaseTaken');
  await chain.send(release(other.modelId, 0, stranger));
  await chain.send(release(other.modelId, 1));
  expect(await hub.call('releaseOf', publisher, 'credit', 1, 0)).toBe(model.modelId);
  expect(await hub.call('releaseOf', publisher, 'credit', 1, 1)).toBe(other.modelId);
  expect(await hub.call('releaseOf', stranger, 'credit', 1, 0)).toBe(other.modelId);
  expect(await hub.call('releaseOf', publisher, 'credit', 2, 0)).toBe(`0x${'00'.repeat(32)}`);
});

test('development keys register on chain 31337 and at test hubs only', async () => {
  const abroad = await startTestChain(10);
  try {
    const [strict, lenient] = [await deployHub(abroad), await deployHub(abroad, true)];
    const ceremony = makeTestModel([packed(1, 0n, 1n)], [], { trust: 'ceremony' });
    const attempt = (at: Hub, { data }: TestModel) => abroad.refusal(at.to('registerModel', [data, '']));
    expect(await attempt(strict, model)).toBe('InsecureDevelopmentKey');
    expect(await attempt(strict, ceremony)).toBe('accepted');
    expect(await attempt(lenient, model)).toBe('accepted');
    expect(await strict.call('allowsDevelopmentKeys')).toBe(false);
    expect(await lenient.call('allowsDevelopmentKeys')).toBe(true);
    expect(await hub.call('allowsDevelopmentKeys')).toBe(true);
  } finally {
    await abroad.stop();
  }
});

test('a model too large for a contract is refused', async () => {
  const table = Buffer.concat([encodeTable([packed(1, 0n, 1n)], []), Buffer.alloc(24_000)]);
  const large = makeTestModel([packed(1, 0n, 1n)], [], { table: new Uint8Array(table) });
  expect(await verdict(large.data)).toBe('DeploymentFailed');
});
