import { isCallException, type JsonRpcProvider, keccak256, NonceManager } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CodeTooLargeError, compileEzklVerifier } from '../../src/evm/ezkl/contract.ts';
import { deployEzkl, ezklAdapterAt, verifyEzklOnChain } from '../../src/evm/ezkl/deploy.ts';
import {
  EzklStatementError,
  encodeEzklCalldata,
  encodeEzklVerifierCalldata,
  signedSignal,
} from '../../src/evm/ezkl/statement.ts';
import { compileSolidity, SolidityCompilerMissingError, SolidityError } from '../../src/evm/solidity.ts';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { type LocalSession, openLocalSession } from './session.ts';

const statement = { proof: new Uint8Array(64).fill(9), signals: [7n, SCALAR_MODULUS - 2n] };
const modelDigest = `0x${'ab'.repeat(32)}` as const;
let session: LocalSession;
let provider: JsonRpcProvider;

beforeAll(async () => {
  session = await openLocalSession();
  provider = session.provider;
});
afterAll(() => session.close());

/** A contract of the form that EZKL writes; it accepts one statement. */
const sourceOf = (accepted: string, padding = '') => `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
contract AnyName {
  ${padding}
  function verifyProof(bytes calldata, uint256[] calldata) public returns (bool) {
    if (keccak256(msg.data) != ${accepted}) assembly { revert(0, 0) }
    return true;
  }
}`;

test('a source is compiled, deployed behind an adapter, and asked through it', async () => {
  const compiled = await compileEzklVerifier(sourceOf(keccak256(encodeEzklVerifierCalldata(statement))));
  expect(compiled.name).toBe('AnyName');
  expect(compiled.compiler).toMatch(/^npm solc 0\.8\.\d+/);
  const signer = new NonceManager(await provider.getSigner());
  const model = { verifier: compiled, proofBytes: 64, signals: 2, modelDigest, trust: 'insecure-dev' } as const;
  const { verifier, adapter } = await deployEzkl(signer, model);
  expect(await provider.getCode(verifier.address)).toBe(compiled.deployedBytecode);
  const ask = (name: string): Promise<unknown> => ezklAdapterAt(adapter.address, provider).getFunction(name)();
  expect(await ask('verifier')).toBe(verifier.address);
  expect(await ask('codeHash')).toBe(keccak256(compiled.deployedBytecode));
  expect(await ask('modelDigest')).toBe(modelDigest);
  expect(await verifyEzklOnChain(provider, adapter.address, statement)).toBe(true);
  const [first, second] = statement.signals;
  const other = { ...statement, signals: [first + 1n, second] };
  expect(await verifyEzklOnChain(provider, adapter.address, other)).toBe(false);
  const short = { ...statement, proof: new Uint8Array(32) };
  const refused = verifyEzklOnChain(provider, adapter.address, short);
  await expect(refused).rejects.toSatisfy((error) => isCallException(error) && error.revert?.name === 'MalformedProof');
  const raw = await provider.call({ to: adapter.address, data: encodeEzklCalldata(statement) });
  expect(BigInt(raw)).toBe(1n);
});

test('a development setup is refused abroad before a receipt is waited for', async () => {
  const abroad = await openLocalSession({ chainId: 10 });
  const remote = abroad.provider;
  try {
    const verifier = await compileEzklVerifier(sourceOf(modelDigest));
    const model = { verifier, proofBytes: 64, signals: 2, modelDigest, trust: 'insecure-dev' } as const;
    const signer = new NonceManager(await remote.getSigner());
    await expect(deployEzkl(signer, model)).rejects.toThrow('InsecureDevelopmentKey');
  } finally {
    await abroad.close();
  }
});

test('code above the limit of contracts is refused before anything is sent', async () => {
  const padding = `bytes constant padding = hex"${'fe'.repeat(24_500)}"; function pad() external pure returns (bytes memory) { return padding; }`;
  const source = sourceOf(modelDigest, padding);
  const refused = compileEzklVerifier(source);
  await expect(refused).rejects.toThrow(CodeTooLargeError);
  await expect(refused).rejects.toThrow(/verifier of this model is 25\d\d\d bytes of code/);
  await expect(refused).rejects.toThrow('--code-size-limit');
  await expect(compileEzklVerifier(source, { codeLimit: 26_000 })).resolves.toMatchObject({ name: 'AnyName' });
});

test('a source that is no contract says what the compiler said', async () => {
  const refused = compileSolidity('contract {');
  await expect(refused).rejects.toThrow(SolidityError);
  await expect(refused).rejects.toThrow('Expected identifier');
  await expect(compileSolidity('pragma solidity ^0.8.0; interface I {}')).rejects.toThrow('expected one contract');
});

test('a machine without a compiler, or with a strange one, says so', async () => {
  const compile = (program: string, ...parameters: string[]) =>
    compileSolidity(sourceOf(modelDigest), { program, parameters, name: 'solc' });
  await expect(compile('/nowhere/solc')).rejects.toThrow(SolidityCompilerMissingError);
  await expect(compile('/nowhere/solc')).rejects.toThrow('npm install solc@0.8.37');
  await expect(compile('echo', 'hello')).rejects.toThrow('the compiler wrote no JSON: hello');
  await expect(compile('false')).rejects.toThrow(SolidityError);
});

test('what no verifier takes is refused before it is encoded', () => {
  const { proof, signals } = statement;
  const encode = (changes: Partial<typeof statement>) => () => encodeEzklCalldata({ proof, signals, ...changes });
  expect(encode({ proof: new Uint8Array(33) })).toThrow(EzklStatementError);
  expect(encode({ proof: new Uint8Array() })).toThrow('got: the proof has 0 bytes');
  expect(encode({ signals: [0n, SCALAR_MODULUS] })).toThrow('got: signal 1 is 2188');
  expect(encode({ signals: [-1n] })).toThrow(EzklStatementError);
  expect(signals.map(signedSignal)).toEqual([7n, -2n]);
});
