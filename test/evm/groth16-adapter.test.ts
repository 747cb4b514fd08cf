import { AbiCoder, ContractFactory, Interface, isCallException, type JsonRpcProvider, NonceManager } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { deployContract, deployVerifier } from '../../src/evm/deploy.ts';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import { makeProvedModel } from './proved-model.ts';
import { type LocalSession, openLocalSession } from './session.ts';

const kernel = createSnarkjsKernel();
const { abi, bytecode } = loadArtifact('Groth16Adapter');
/** What a consumer knows of either adapter. */
const either = new Interface(loadArtifact('IProofVerifier').abi);
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

test('both adapters have the functions that a consumer of any proof system calls', () => {
  for (const name of ['Groth16Adapter', 'EzklAdapter']) {
    const contract = new Interface(loadArtifact(name).abi);
    either.forEachFunction((each) => expect(contract.getFunction(each.selector)?.format()).toBe(each.format()));
  }
});

test('a Groth16 proof as bytes gets the answer of its verifier', async () => {
  const { model, proved } = await makeProvedModel(kernel, 2);
  const signer = new NonceManager(await provider.getSigner());
  const { address } = await deployVerifier(signer, model);
  const adapter = await deployContract(new ContractFactory<[string]>(abi, bytecode, signer), address);
  const proof = AbiCoder.defaultAbiCoder().encode(['uint256[8]'], [proofWords(proved.proof)]);
  const ask = async (name: string, ...values: unknown[]): Promise<unknown> => {
    const data = either.encodeFunctionData(name, values);
    try {
      return either.decodeFunctionResult(name, await provider.call({ to: adapter.address, data }))[0];
    } catch (error) {
      if (!isCallException(error) || error.data === null) throw error;
      return either.parseError(error.data)?.name;
    }
  };
  const [first, second] = proved.publicSignals;
  expect(await ask('verify', proof, [first, second])).toBe(true);
  expect(await ask('verify', proof, [first, second + 1n])).toBe(false);
  expect(await ask('verify', `${proof}00`, [first, second])).toBe('MalformedProof');
  expect(await ask('verify', proof.slice(0, -2), [first, second])).toBe('MalformedProof');
  expect(await ask('verify', proof, [first])).toBe('WrongSignalCount');
  expect(await ask('verify', proof, [first, SCALAR_MODULUS])).toBe('SignalOutOfField');
  expect(await ask('modelId')).toBe(modelIdOf(model.core));
  expect(await ask('trust')).toBe(0n);
  expect(await ask('signalCount')).toBe(2n);
});
