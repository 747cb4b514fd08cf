import { readFileSync, writeFileSync } from 'node:fs';
import { AbiCoder, Interface, keccak256 } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { encodeEzklCalldata, encodeEzklVerifierCalldata } from '../../src/evm/ezkl/statement.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { deployHub, type Hub } from './hub-fixture.ts';
import { startTestChain, type TestChain, type Transaction } from './test-chain.ts';
import { hashed, makeTestModel, packed, type TestModel } from './test-model.ts';

/** Gas by what was done; `VOUCH_GAS=write` records it anew. */
type Snapshot = Record<string, number>;

const snapshotUrl = new URL('../../contracts/gas-snapshot.json', import.meta.url);
/** Keys and proofs are random, and a zero byte of calldata is cheaper than another. */
const TOLERANCE = 0.005;
const COUNTS = [1, 2, 10, 28];
const measured: Snapshot = {};
const verifierAbi = new Interface(loadArtifact('ModelVerifier').abi);
let chain: TestChain;
let hub: Hub;
let probe: string;

beforeAll(async () => {
  chain = await startTestChain();
  hub = await deployHub(chain);
  probe = await chain.deploy('GasProbe');
});
afterAll(() => chain.stop());

/** A model of that many signals, registered, and where its verifier is. */
async function registered(model: TestModel): Promise<string> {
  await hub.register(model);
  return String(await hub.call('verifierOf', model.modelId));
}

/** Gas of a verifier's call as a contract makes it, without what calldata costs. */
async function executionGas(verifier: string, name: string, values: readonly unknown[]): Promise<number> {
  return callGas(verifier, verifierAbi.encodeFunctionData(name, values));
}

async function callGas(verifier: string, data: string): Promise<number> {
  const result = await chain.call('GasProbe', probe, 'measure', verifier, data);
  if (!Array.isArray(result)) throw new Error('expected gas and verdict');
  expect(result[1]).toBe(true);
  return Number(result[0]);
}

function calldataGas({ data = '' }: Transaction): number {
  return Buffer.from(data.slice(2), 'hex').reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}

async function gasOf(transaction: Transaction): Promise<number> {
  const { gasUsed, succeeded } = await chain.send(transaction);
  expect(succeeded).toBe(true);
  return gasUsed;
}

test.each(COUNTS)('verification with %i signals', async (signals) => {
  const model = makeTestModel(Array(signals - 1).fill(hashed(1)), []);
  const verifier = await registered(model);
  const size = 20;
  const statements = Array.from({ length: size }, (_, k) => Array.from({ length: signals }, (_, i) => BigInt(k * i)));
  const proofs = statements.map((values) => proofWords(model.prove(values.slice(1), values[0], [])));
  const ordered = statements.map(([first, ...rest]) => [...rest, first]);
  const verify = await executionGas(verifier, 'verify', [proofs[0], ordered[0]]);
  const batch = (await executionGas(verifier, 'verifyBatch', [proofs, ordered.flat()])) / size;
  measured[`verify, ${signals} signals`] = verify;
  measured[`verify in a batch of ${size}, ${signals} signals`] = Math.round(batch);
  // 6,350 per signal are the two precompile calls; the budget of 6,300 holds while the head start lasts.
  expect(verify).toBeLessThanOrEqual(signals <= 10 ? 190_500 + 6_300 * (signals - 1) : 188_600 + 6_505 * (signals - 1));
  expect(batch).toBeLessThanOrEqual(58_000 + 350 * signals);
  const codeBytes = String(await chain.rpc('eth_getCode', verifier, 'latest')).length / 2 - 1;
  expect(codeBytes).toBeLessThan(6 * 1024);
});

test('a request, its answer and a batch of answers', async () => {
  const model = makeTestModel([packed(10, -128n, 127n)], [packed(31, 0n, 255n)]);
  const register = hub.to('registerModel', [model.data, '']);
  measured['register a model of 3 signals'] = await gasOf(register);
  const verifier = String(await hub.call('verifierOf', model.modelId));
  const [requester, prover] = chain.accounts.slice(6);
  const consumer = await chain.deploy('QuietConsumer');
  const output = [123_456_789n << (8n * 23n)];
  const ask = () => hub.ask(model, { from: requester, consumer, fee: 1n, callbackGas: 50_000 });
  // The first of each pays for storage that the later ones find.
  const first = await ask();
  await gasOf(hub.to('fulfil', [hub.answer(model, first, prover, output)]));
  const deadline = (await chain.timestamp()) + 100n;
  const asked = hub.to('request', [model.modelId, first.input, consumer, deadline, 50_000], { value: 1n });
  measured.request = await gasOf(asked);

  const request = await ask();
  const answer = hub.answer(model, request, prover, output);
  const binding = BigInt(String(await hub.call('bindingOf', request, prover)));
  const bare = await executionGas(verifier, 'verify', [answer.proof, [...output, binding, ...request.input]]);
  const fulfil = hub.to('fulfil', [answer]);
  const fulfilled = await gasOf(fulfil);
  measured['fulfil, 3 signals'] = fulfilled;
  const overhead = fulfilled - calldataGas(fulfil) - bare;
  measured['fulfil over bare verification, without calldata'] = overhead;
  expect(overhead).toBeLessThanOrEqual(60_000);

  const size = 20;
  const answers = [];
  for (let i = 0; i < size; i++) answers.push(hub.answer(model, await ask(), prover, output));
  measured[`fulfil in a batch of ${size}, 3 signals`] = Math.round(
    (await gasOf(hub.to('fulfilBatch', [answers]))) / size,
  );
});

test('adapters, beyond the verifiers behind them', async () => {
  const statement = { proof: new Uint8Array(3072).fill(7), signals: Array.from({ length: 10 }, (_, i) => BigInt(i)) };
  const direct = encodeEzklVerifierCalldata(statement);
  const behind = await chain.deploy('StubEzklVerifier', keccak256(direct), 0, 0);
  const codeHash = keccak256(String(await chain.rpc('eth_getCode', behind, 'latest')));
  const model = { verifier: behind, codeHash, proofBytes: 3072, signalCount: 10, modelDigest: codeHash, trust: 0 };
  const ezkl = await chain.deploy('EzklAdapter', model);
  const beyond = (await callGas(ezkl, encodeEzklCalldata(statement))) - (await callGas(behind, direct));
  measured['EZKL adapter over its verifier, 10 signals, proof of 3,072 bytes'] = beyond;
  expect(beyond).toBeLessThan(8_000);

  const groth16 = makeTestModel(Array(9).fill(hashed(1)), []);
  const verifier = await registered(groth16);
  const values = Array.from({ length: 10 }, (_, i) => BigInt(i));
  const words = proofWords(groth16.prove(values.slice(0, 9), values[9], []));
  const adapter = await chain.deploy('Groth16Adapter', verifier);
  const proof = AbiCoder.defaultAbiCoder().encode(['uint256[8]'], [words]);
  const either = new Interface(loadArtifact('IProofVerifier').abi);
  const through = await callGas(adapter, either.encodeFunctionData('verify', [proof, values]));
  const over = through - (await executionGas(verifier, 'verify', [words, values]));
  measured['Groth16 adapter over its verifier, 10 signals'] = over;
  expect(over).toBeLessThan(8_000);
});

test('gas is what the snapshot says', () => {
  if (process.env.VOUCH_GAS === 'write') writeFileSync(snapshotUrl, `${JSON.stringify(measured, null, 2)}\n`);
  const snapshot: Snapshot = JSON.parse(readFileSync(snapshotUrl, 'utf8'));
  expect(Object.keys(measured)).toEqual(Object.keys(snapshot));
  for (const [name, gas] of Object.entries(snapshot)) {
    expect(Math.abs(measured[name] - gas) / gas, `${name}: ${measured[name]}, recorded ${gas}`).toBeLessThan(TOLERANCE);
  }
});
