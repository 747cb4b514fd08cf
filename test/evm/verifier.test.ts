import { ContractFactory, Interface, isCallException, type JsonRpcProvider, NonceManager, type Signer } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { encodeVerifyCalldata } from '../../src/evm/calldata.ts';
import { deployVerifier, verifierAt, verifyOnChain } from '../../src/evm/deploy.ts';
import { encodeModelData } from '../../src/evm/model-data.ts';
import { BASE_MODULUS, SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import type { Groth16Proof } from '../../src/verify/types.ts';
import { pointOutsideSubgroup } from '../verify/outside-subgroup.ts';
import { makeProvedModel } from './proved-model.ts';
import { type LocalSession, openLocalSession } from './session.ts';

const kernel = createSnarkjsKernel();
let session: LocalSession;
let provider: JsonRpcProvider;
let signer: Signer;

beforeAll(async () => {
  session = await openLocalSession();
  provider = session.provider;
  signer = new NonceManager(await provider.getSigner());
});
afterAll(async () => {
  await session.close();
  await kernel.close();
});

/** What a verifier says: true, false, or that something is malformed. */
async function verdictOnChain(address: string, signals: readonly bigint[], proof: Groth16Proof): Promise<unknown> {
  try {
    return await verifyOnChain(provider, address, signals, proof);
  } catch (error) {
    if (isCallException(error) && error.revert !== null) return error.revert.name;
    throw error;
  }
}

function verdictHere(...inputs: Parameters<typeof verifyGroth16>): unknown {
  try {
    return verifyGroth16(...inputs);
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

test('contract and library agree on the honest proof and on every kind of lie', async () => {
  const { model, proved } = await makeProvedModel(kernel, 3);
  const other = await makeProvedModel(kernel, 3);
  const { address } = await deployVerifier(signer, model);
  const { publicSignals: s, proof } = proved;
  const { a, b, c } = proof;
  const infinity: Groth16Proof['b'] = [
    [0n, 0n],
    [0n, 0n],
  ];
  const negated = (y: bigint) => (BASE_MODULUS - y) % BASE_MODULUS;
  const cases: [string, readonly bigint[], Groth16Proof, unknown, unknown][] = [
    ['honest', s, proof, true, true],
    ['other signal', [s[0] + 1n, s[1], s[2]], proof, false, false],
    ['swapped signals', [s[1], s[0], s[2]], proof, false, false],
    ['last signal', [s[0], s[1], 0n], proof, false, false],
    ['signal + r', [s[0] + SCALAR_MODULUS, s[1], s[2]], proof, 'Verify.SignalRangeError', 'SignalOutOfField'],
    ['signal r', [s[0], s[1], SCALAR_MODULUS], proof, 'Verify.SignalRangeError', 'SignalOutOfField'],
    ['fewer signals', s.slice(1), proof, 'Verify.SignalCountError', 'WrongSignalCount'],
    ['no signal', [], proof, 'Verify.SignalCountError', 'WrongSignalCount'],
    ['more signals', [...s, 0n], proof, 'Verify.SignalCountError', 'WrongSignalCount'],
    ['−A', s, { a: [a[0], negated(a[1])], b, c }, false, false],
    ['A and C swapped', s, { a: c, b, c: a }, false, false],
    ['−A and −B', s, { a: [a[0], negated(a[1])], b: [b[0], [negated(b[1][0]), negated(b[1][1])]], c }, true, true],
    ['all zero', s, { a: [0n, 0n], b: infinity, c: [0n, 0n] }, false, false],
    ['A off the curve', s, { a: [a[0], a[1] + 1n], b, c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['A with x + q', s, { a: [a[0] + BASE_MODULUS, a[1]], b, c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['A with y + q', s, { a: [a[0], a[1] + BASE_MODULUS], b, c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['A with y = 0', s, { a: [a[0], 0n], b, c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['B with y = 0', s, { a, b: [b[0], [0n, 0n]], c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['B off the curve', s, { a, b: [b[1], b[0]], c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['B conjugate order', s, { a, b: [[b[0][1], b[0][0]], b[1]], c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['C off the curve', s, { a, b, c: [c[1], c[0]] }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['B outside the group', s, { a, b: pointOutsideSubgroup(), c }, 'Verify.InvalidPointError', 'MalformedProof'],
    ['proof of another key', s, other.proved.proof, false, false],
  ];
  for (const [name, signals, mutated, here, onChain] of cases) {
    expect(verdictHere(model.verifyingKey, signals, mutated), `library: ${name}`).toBe(here);
    expect(await verdictOnChain(address, signals, mutated), `contract: ${name}`).toBe(onChain);
  }
});

test('truncated calldata and a starved call revert instead of answering false', async () => {
  const { model, proved } = await makeProvedModel(kernel, 2);
  const { address } = await deployVerifier(signer, model);
  const data = encodeVerifyCalldata(proved.publicSignals, proved.proof);
  const yes = `0x${'1'.padStart(64, '0')}`;
  expect(await provider.call({ to: address, data })).toBe(yes);
  expect(await provider.call({ to: address, data: `${data}00` })).toBe(yes);
  await expect(provider.call({ to: address, data: data.slice(0, -2) })).rejects.toThrow('revert');
  const answers = new Set<string>();
  for (let gasLimit = 30_000; gasLimit <= 240_000; gasLimit += 5_000) {
    answers.add(await provider.call({ to: address, data, gasLimit }).catch(() => 'reverted'));
  }
  expect(answers).toEqual(new Set(['reverted', yes]));
});

test('the contract tells what it is', async () => {
  const { model } = await makeProvedModel(kernel, 2);
  const { address } = await deployVerifier(signer, model);
  const contract = verifierAt(address, provider);
  const ask = (name: string): Promise<unknown> => contract.getFunction(name).staticCall();
  expect(await ask('modelId')).toBe(modelIdOf(model.core));
  expect(await ask('vkDigest')).toBe(model.core.vkDigest);
  expect(await ask('trust')).toBe(0n);
  expect(await ask('signalCount')).toBe(2n);
  expect(await ask('layout')).toBe(`0x${Buffer.from(model.layout).toString('hex')}`);
});

test('deployment refuses data that does not fit together', async () => {
  const { model } = await makeProvedModel(kernel, 2);
  const { abi, bytecode } = loadArtifact('ModelVerifierDeployment');
  const good = encodeModelData(model);
  const verdict = async (change: (data: Uint8Array) => Uint8Array): Promise<unknown> => {
    const { data } = await new ContractFactory(abi, bytecode, signer).getDeployTransaction(change(good.slice()));
    return provider.call({ data }).then(
      () => 'deployed',
      (error: unknown) => {
        if (!isCallException(error) || error.data === null) throw error;
        return new Interface(abi).parseError(error.data)?.name;
      },
    );
  };
  const core = model.layout.length;
  // The key and its digest are random, so every byte is changed and none set.
  const flip = (offset: number, bits: number) => (data: Uint8Array) => {
    data[offset] ^= bits;
    return data;
  };
  expect(await verdict((data) => data)).toBe('deployed');
  expect(await verdict(flip(0, 1))).toBe('InconsistentModelData');
  expect(await verdict(flip(core + 160, 1))).toBe('InconsistentModelData');
  expect(await verdict(flip(core + 192, 1))).toBe('InconsistentModelData');
  expect(await verdict(flip(core + 288 + 5, 7))).toBe('InconsistentModelData');
  expect(await verdict(flip(core + 31, 3))).toBe('MalformedModelData');
  expect(await verdict(flip(core + 288 - 1, 2))).toBe('MalformedModelData');
  expect(await verdict(flip(good.length - 1, 1))).toBe('MalformedModelData');
  expect(await verdict(flip(good.length - 32, 0xff))).toBe('MalformedModelData');
  expect(await verdict((data) => data.slice(1))).toBe('MalformedModelData');
  expect(await verdict((data) => data.slice(0, 10))).toBe('MalformedModelData');
});

test('a development key deploys on no other chain, a ceremony key does', async () => {
  const abroad = await openLocalSession({ chainId: 10 });
  const remote = abroad.provider;
  try {
    const development = await makeProvedModel(kernel, 1);
    const ceremony = await makeProvedModel(kernel, 1, 'ceremony');
    const stranger = await remote.getSigner();
    await expect(deployVerifier(stranger, development.model)).rejects.toThrow('InsecureDevelopmentKey');
    const { address } = await deployVerifier(stranger, ceremony.model);
    const { publicSignals, proof } = ceremony.proved;
    expect(await verifyOnChain(remote, address, publicSignals, proof)).toBe(true);
  } finally {
    await abroad.close();
  }
});
