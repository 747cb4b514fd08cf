import { AbiCoder, Interface, keccak256, toBeHex, zeroPadValue } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import type { AdapterModel } from '../../src/evm/ezkl/deploy.ts';
import { encodeEzklCalldata, encodeEzklVerifierCalldata } from '../../src/evm/ezkl/statement.ts';
import { SCALAR_MODULUS } from '../../src/field/bn254.ts';
import { startTestChain, type TestChain } from './test-chain.ts';

const PROOF_BYTES = 1024;
const proof = Uint8Array.from({ length: PROOF_BYTES }, (_, i) => (7 * i + 1) & 0xff);
const signals = [5n, SCALAR_MODULUS - 1n, 0n];
const modelDigest = keccak256('0x01');
const adapter = new Interface(loadArtifact('EzklAdapter').abi);
const otherwise = { refuse: 0, refuseWithData: 1, no: 2, two: 3, nothing: 4, tooLong: 5, tooShort: 6, burnGas: 7 };
let chain: TestChain;

beforeAll(async () => {
  chain = await startTestChain();
});
afterAll(() => chain.stop());

/** The calldata that a verifier must get, written word by word. */
function canonical(bytes: Uint8Array, words: readonly bigint[]): string {
  const word = (value: bigint | number) => zeroPadValue(toBeHex(value), 32).slice(2);
  const selector = keccak256(Buffer.from('verifyProof(bytes,uint256[])')).slice(2, 10);
  const head = [word(64), word(96 + bytes.length), word(bytes.length)];
  return `0x${selector}${head.join('')}${Buffer.from(bytes).toString('hex')}${[words.length, ...words].map(word).join('')}`;
}

async function codeHashAt(address: string): Promise<string> {
  return keccak256(String(await chain.rpc('eth_getCode', address, 'latest')));
}

async function fieldsOf(verifier: string, changes: Partial<AdapterModel> = {}): Promise<AdapterModel> {
  const codeHash = await codeHashAt(verifier);
  return { verifier, codeHash, proofBytes: PROOF_BYTES, signalCount: 3, modelDigest, trust: 0, ...changes };
}

async function deployed(answer: number, work = 0): Promise<{ stub: string; address: string }> {
  const stub = await chain.deploy('StubEzklVerifier', keccak256(canonical(proof, signals)), answer, work);
  return { stub, address: await chain.deploy('EzklAdapter', await fieldsOf(stub)) };
}

/** True, false, or the name of the error. */
async function verdict(to: string, data: string, gas?: number): Promise<unknown> {
  const transaction = { to, data, ...(gas === undefined ? {} : { gas }) };
  const refusal = await chain.refusal(transaction);
  if (refusal !== 'accepted') return refusal;
  const answer = BigInt(
    String(await chain.rpc('eth_call', { ...transaction, ...(gas && { gas: toBeHex(gas) }) }, 'latest')),
  );
  return answer === 1n ? true : answer === 0n ? false : answer;
}

const call = (bytes: Uint8Array, words: readonly bigint[]) => adapter.encodeFunctionData('verify', [bytes, words]);
const flipped = (at: number) => proof.map((byte, i) => (i === at ? byte ^ 1 : byte));

test('only the exact calldata of the verifier reaches it', async () => {
  expect(encodeEzklVerifierCalldata({ proof, signals })).toBe(canonical(proof, signals));
  const { address } = await deployed(otherwise.refuse);
  expect(await verdict(address, encodeEzklCalldata({ proof, signals }))).toBe(true);
  expect(await verdict(address, call(flipped(0), signals))).toBe(false);
  expect(await verdict(address, call(flipped(PROOF_BYTES - 1), signals))).toBe(false);
  expect(await verdict(address, call(proof, [5n, SCALAR_MODULUS - 1n, 1n]))).toBe(false);
  expect(await verdict(address, call(proof, [SCALAR_MODULUS - 1n, 5n, 0n]))).toBe(false);
});

test('lengths and range are checked before anything is called', async () => {
  const { address } = await deployed(otherwise.burnGas);
  expect(await verdict(address, call(proof.slice(32), signals))).toBe('MalformedProof');
  expect(await verdict(address, call(proof.slice(1), signals))).toBe('MalformedProof');
  expect(await verdict(address, call(new Uint8Array(), signals))).toBe('MalformedProof');
  expect(await verdict(address, call(Uint8Array.from([...proof, 0]), signals))).toBe('MalformedProof');
  expect(await verdict(address, call(proof, signals.slice(1)))).toBe('WrongSignalCount');
  expect(await verdict(address, call(proof, [...signals, 0n]))).toBe('WrongSignalCount');
  expect(await verdict(address, call(proof, [SCALAR_MODULUS, 1n, 1n]))).toBe('SignalOutOfField');
  expect(await verdict(address, call(proof, [1n, 1n, 2n ** 256n - 1n]))).toBe('SignalOutOfField');
});

test('what a caller encodes in another way is read, and written in the one way', async () => {
  const { address } = await deployed(otherwise.refuse);
  const good = call(proof, signals);
  expect(await verdict(address, `${good}${'ff'.repeat(40)}`)).toBe(true);
  // The signals come first and the proof behind a gap.
  const coder = AbiCoder.defaultAbiCoder();
  const tail = (type: string, value: unknown) => coder.encode([type], [value]).slice(66);
  const [words, bytes] = [tail('uint256[]', signals), tail('bytes', proof)];
  const head = (first: number, second: number) => coder.encode(['uint256', 'uint256'], [first, second]).slice(2);
  const gap = 'ee'.repeat(32);
  const selector = good.slice(0, 10);
  const swapped = (at: number) => `${selector}${head(at, 64)}${words}${gap}${bytes}`;
  expect(await verdict(address, swapped(64 + words.length / 2 + 32))).toBe(true);
  expect(await verdict(address, swapped(64 + words.length / 2))).not.toBe(true);
  // Offsets that lead outside, a length that does, and calldata that is cut off.
  expect(await verdict(address, `${selector}${head(2 ** 40, 64)}${words}${bytes}`)).toBe('reverted');
  expect(await verdict(address, `${selector}${head(64, 2 ** 40)}${bytes}${words}`)).toBe('reverted');
  expect(await verdict(address, good.slice(0, -2))).toBe('reverted');
  // The same place read as proof and as signals: as many signals as the proof has bytes.
  expect(await verdict(address, `${selector}${head(64, 64)}${bytes}`)).toBe('reverted');
  expect(await verdict(address, `${selector}${head(64, 64)}${bytes}${'00'.repeat(32 * PROOF_BYTES)}`)).toBe(
    'WrongSignalCount',
  );
});

test.each([
  ['revert data', otherwise.refuseWithData, 'UnexpectedAnswer'],
  ['the word 0', otherwise.no, 'UnexpectedAnswer'],
  ['the word 2', otherwise.two, 'UnexpectedAnswer'],
  ['nothing', otherwise.nothing, 'UnexpectedAnswer'],
  ['64 bytes', otherwise.tooLong, 'UnexpectedAnswer'],
  ['31 bytes', otherwise.tooShort, 'UnexpectedAnswer'],
  ['no end', otherwise.burnGas, 'VerifierStarved'],
])('an answer of %s is neither yes nor no', async (_, answer, error) => {
  const { address } = await deployed(answer);
  expect(await verdict(address, call(proof, signals))).toBe(true);
  expect(await verdict(address, call(flipped(3), signals))).toBe(error);
});

test('too little gas never makes a right proof wrong', async () => {
  const { address } = await deployed(otherwise.refuse, 400);
  const answersTo = async (data: string) => {
    const limits = Array.from({ length: 41 }, (_, i) => 70_000 + 3000 * i);
    const answers = await Promise.all(limits.map((gas) => verdict(address, data, gas).catch(() => 'out of gas')));
    return answers;
  };
  const [right, wrong] = [await answersTo(call(proof, signals)), await answersTo(call(flipped(0), signals))];
  expect(right).toContain(true);
  expect(right).not.toContain(false);
  expect(wrong).toContain(false);
  expect(wrong).toContain('VerifierStarved');
  expect(wrong).not.toContain(true);
});

test('code that is not the expected one is never asked', async () => {
  const { stub, address } = await deployed(otherwise.refuse);
  const original = await chain.rpc('eth_getCode', stub, 'latest');
  const yes = '0x600160005260206000f3';
  await chain.rpc('anvil_setCode', stub, yes);
  expect(await verdict(address, call(proof, signals))).toBe('WrongCode');
  expect(await verdict(address, call(flipped(0), signals))).toBe('WrongCode');
  await chain.rpc('anvil_setCode', stub, '0x');
  expect(await verdict(address, call(proof, signals))).toBe('WrongCode');
  await chain.rpc('anvil_setCode', stub, original);
  expect(await verdict(address, call(proof, signals))).toBe(true);
});

test('an adapter is made for code that is there, and for lengths that proofs have', async () => {
  const { stub } = await deployed(otherwise.refuse);
  const { bytecode } = loadArtifact('EzklAdapter');
  const creation = async (changes: Partial<AdapterModel>) => {
    const fields = await fieldsOf(stub, changes);
    return chain.refusal({ data: `${bytecode}${adapter.encodeDeploy([fields]).slice(2)}` });
  };
  const nobody = '0x00000000000000000000000000000000000000aa';
  const empty = keccak256('0x');
  expect(await creation({})).toBe('accepted');
  expect(await creation({ verifier: nobody })).toBe('WrongCode');
  expect(await creation({ verifier: nobody, codeHash: empty })).toBe('WrongCode');
  // An account without code whose hash is that of no code.
  expect(await creation({ verifier: chain.accounts[1], codeHash: empty })).toBe('WrongCode');
  expect(await creation({ codeHash: keccak256('0x02') })).toBe('WrongCode');
  for (const proofBytes of [0, 1023, 2 ** 20]) expect(await creation({ proofBytes })).toBe('MalformedModel');
  expect(await creation({ signalCount: 2 ** 16 })).toBe('MalformedModel');
  expect(await creation({ trust: 2 })).toBe('MalformedModel');
});

test('the identity names code, lengths, model and trust, and no address', async () => {
  const { stub, address } = await deployed(otherwise.refuse);
  const fields = await fieldsOf(stub);
  const idOf = ({ codeHash, proofBytes, signalCount, modelDigest: digest, trust }: AdapterModel) => {
    const tag = `0x${Buffer.from('vouch-ezkl-1').toString('hex').padEnd(64, '0')}`;
    const types = ['bytes32', 'bytes32', 'uint256', 'uint256', 'bytes32', 'uint256'];
    const values = [tag, codeHash, proofBytes, signalCount, digest, trust];
    return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
  };
  const ask = (name: string, at = address) => chain.call('EzklAdapter', at, name);
  expect(await ask('modelId')).toBe(idOf(fields));
  expect(await ask('trust')).toBe(0n);
  expect(await ask('signalCount')).toBe(3n);
  expect(await ask('verifier')).toBe(stub);
  const ceremony = { ...fields, trust: 1 };
  expect(await ask('modelId', await chain.deploy('EzklAdapter', ceremony))).toBe(idOf(ceremony));
  const elsewhere = await deployed(otherwise.refuse);
  expect(elsewhere.address).not.toBe(address);
  expect(await ask('modelId', elsewhere.address)).toBe(idOf(fields));
});

test('a setup made for development deploys on no other chain', async () => {
  const abroad = await startTestChain(10);
  try {
    const stub = await abroad.deploy('StubEzklVerifier', keccak256('0x'), otherwise.refuse, 0);
    const codeHash = keccak256(String(await abroad.rpc('eth_getCode', stub, 'latest')));
    const base = { verifier: stub, codeHash, proofBytes: 32, signalCount: 0, modelDigest };
    const { bytecode } = loadArtifact('EzklAdapter');
    const creation = (trust: number) =>
      abroad.refusal({ data: `${bytecode}${adapter.encodeDeploy([{ ...base, trust }]).slice(2)}` });
    expect(await creation(0)).toBe('InsecureDevelopmentKey');
    expect(await creation(1)).toBe('accepted');
  } finally {
    await abroad.stop();
  }
});
