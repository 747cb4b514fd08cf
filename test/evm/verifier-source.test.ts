import { ContractFactory, Interface, isCallException, type JsonRpcProvider, NonceManager } from 'ethers';
import solc from 'solc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeVerifyCalldata } from '../../src/evm/calldata.ts';
import { maxSourceSignals, verifierSource } from '../../src/evm/verifier-source.ts';
import { BASE_MODULUS, SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import type { Groth16Proof } from '../../src/verify/types.ts';
import { pointOutsideSubgroup } from '../verify/outside-subgroup.ts';
import { makeProvedModel } from './proved-model.ts';
import { type LocalSession, openLocalSession } from './session.ts';

const kernel = createSnarkjsKernel();
let session: LocalSession;
let provider: JsonRpcProvider;

beforeAll(async () => {
  session = await openLocalSession();
  provider = session.provider;
});
afterAll(async () => {
  await session.close();
  await kernel.close();
});

interface Output {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<
      string,
      { readonly abi: []; readonly evm: Record<'bytecode' | 'deployedBytecode', { readonly object: string }> }
    >
  >;
}

/** The contract as anyone would compile it; a warning is an error. */
function compileSource(source: string) {
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  };
  const input = { language: 'Solidity', sources: { 'verifier.sol': { content: source } }, settings };
  const { errors = [], contracts }: Output = JSON.parse(solc.compile(JSON.stringify(input)));
  expect(errors.map(({ formattedMessage }) => formattedMessage)).toEqual([]);
  return contracts['verifier.sol'].VouchVerifier;
}

test('the exported contract answers as the library does, to the calldata of any verifier', async () => {
  const { model, proved } = await makeProvedModel(kernel, 3);
  const other = await makeProvedModel(kernel, 3);
  const { abi, evm } = compileSource(verifierSource(model));
  const signer = new NonceManager(await provider.getSigner());
  const contract = await new ContractFactory(abi, evm.bytecode.object, signer).deploy();
  await contract.waitForDeployment();
  const to = await contract.getAddress();
  const verdict = async (signals: readonly bigint[], proof: Groth16Proof): Promise<unknown> => {
    try {
      return BigInt(await provider.call({ to, data: encodeVerifyCalldata(signals, proof) })) === 1n;
    } catch (error) {
      if (!isCallException(error) || error.data === null) throw error;
      return new Interface(abi).parseError(error.data)?.name;
    }
  };
  const { publicSignals: s, proof } = proved;
  const { a, b, c } = proof;
  const cases: [string, readonly bigint[], Groth16Proof, unknown][] = [
    ['honest', s, proof, true],
    ['other signal', [s[0] + 1n, s[1], s[2]], proof, false],
    ['swapped signals', [s[1], s[0], s[2]], proof, false],
    ['last signal', [s[0], s[1], 0n], proof, false],
    ['signal + r', [s[0] + SCALAR_MODULUS, s[1], s[2]], proof, 'SignalOutOfField'],
    ['last signal r', [s[0], s[1], SCALAR_MODULUS], proof, 'SignalOutOfField'],
    ['fewer signals', s.slice(1), proof, 'WrongSignalCount'],
    ['more signals', [...s, 0n], proof, 'WrongSignalCount'],
    ['A and C swapped', s, { a: c, b, c: a }, false],
    ['A off the curve', s, { a: [a[0], a[1] + 1n], b, c }, 'MalformedProof'],
    ['A with x + q', s, { a: [a[0] + BASE_MODULUS, a[1]], b, c }, 'MalformedProof'],
    ['B outside the group', s, { a, b: pointOutsideSubgroup(), c }, 'MalformedProof'],
    ['proof of another key', s, other.proved.proof, false],
  ];
  for (const [name, signals, mutated, expected] of cases) {
    expect(await verdict(signals, mutated), name).toBe(expected);
  }
  const ask = (name: string): Promise<unknown> => contract.getFunction(name).staticCall();
  expect(await ask('modelId')).toBe(modelIdOf(model.core));
  expect(await ask('vkDigest')).toBe(model.core.vkDigest);
  expect(await ask('trust')).toBe(0n);
  expect(await ask('signalCount')).toBe(3n);
});

test('a development key deploys on no other chain, a ceremony key does', async () => {
  const abroad = await openLocalSession({ chainId: 10 });
  const remote = abroad.provider;
  try {
    const { model } = await makeProvedModel(kernel, 1);
    const deploy = async (trust: 'insecure-dev' | 'ceremony'): Promise<unknown> => {
      const { evm } = compileSource(verifierSource({ ...model, core: { ...model.core, trust } }));
      return remote.call({ data: `0x${evm.bytecode.object}` });
    };
    await expect(deploy('insecure-dev')).rejects.toThrow('revert');
    expect(await deploy('ceremony')).toMatch(/^0x[0-9a-f]{200,}$/);
  } finally {
    await abroad.close();
  }
});

test('the most signals that are accepted fit in a contract', async () => {
  const { model } = await makeProvedModel(kernel, 1);
  const withSignals = (signals: number) => {
    const ic = Array.from({ length: signals + 1 }, (_, i) => model.verifyingKey.ic[i % 2]);
    return verifierSource({ ...model, verifyingKey: { ...model.verifyingKey, ic } });
  };
  const { evm } = compileSource(withSignals(maxSourceSignals));
  expect(evm.deployedBytecode.object.length / 2).toBeLessThanOrEqual(24_576);
  expect(() => withSignals(maxSourceSignals + 1)).toThrow('too large');
});
