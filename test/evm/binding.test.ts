import { AbiCoder, concat, encodeBytes32String, keccak256, toBeHex } from 'ethers';
import { expect, test } from 'vitest';
import { callBinding, requestBinding, requestIdOf } from '../../src/evm/binding.ts';

const location = { chainId: 31337n, hub: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
const request = {
  modelId: `0x${'a1'.repeat(32)}`,
  requester: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  consumer: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  fee: 10n ** 15n,
  sequence: 7n,
  deadline: 1_800_000_000n,
  callbackGas: 150_000n,
  input: [1n, 2n ** 248n - 1n],
} as const;
const prover = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const coder = AbiCoder.defaultAbiCoder();

test('a request has the id that abi.encode gives it', () => {
  const types = ['bytes32', 'uint256', 'address', 'bytes32', 'address', 'address', 'uint256', 'uint256'];
  const { modelId, requester, consumer, fee, sequence, deadline, callbackGas, input } = request;
  const inputDigest = keccak256(concat(input.map((word) => toBeHex(word, 32))));
  const words = coder.encode(
    [...types, 'uint64', 'uint32', 'bytes32'],
    [
      ...[encodeBytes32String('vouch-request-1'), location.chainId, location.hub, modelId, requester, consumer],
      ...[fee, sequence, deadline, callbackGas, inputDigest],
    ],
  );
  expect(requestIdOf(location, request)).toBe(keccak256(words));
  expect(requestIdOf(location, request)).toMatchInlineSnapshot(
    `"0xc2a838484ee4b264f94bee2feeef4f8a6ded90f6b46d4a4be5c9e23e8b089a08"`,
  );
});

test('a binding names chain, hub, consumer, model, request and prover', () => {
  const words = coder.encode(
    ['bytes32', 'uint256', 'address', 'address', 'bytes32', 'bytes32', 'address'],
    [
      ...[encodeBytes32String('vouch-binding-1'), location.chainId, location.hub, request.consumer, request.modelId],
      ...[requestIdOf(location, request), prover],
    ],
  );
  const binding = requestBinding(location, request, prover);
  expect(binding).toBe(BigInt(keccak256(words)) >> 8n);
  expect(binding).toMatchInlineSnapshot(`236290941286944944886563581181282883415246676666062708836366963187070153931n`);
  const others = [
    requestBinding({ ...location, chainId: 1n }, request, prover),
    requestBinding({ ...location, hub: prover }, request, prover),
    requestBinding(location, { ...request, consumer: prover }, prover),
    requestBinding(location, { ...request, modelId: `0x${'00'.repeat(32)}` }, prover),
    requestBinding(location, { ...request, sequence: 8n }, prover),
    requestBinding(location, request, request.requester),
  ];
  expect(new Set([binding, ...others]).size).toBe(7);
});

test('the binding of a call names chain, consumer, model, account, nonce and data', () => {
  const call = {
    chainId: 1n,
    consumer: request.consumer,
    modelId: request.modelId,
    account: prover,
    nonce: 3n,
    data: '0xdeadbeef',
  };
  const words = coder.encode(
    ['bytes32', 'uint256', 'address', 'bytes32', 'address', 'uint256', 'bytes32'],
    [...[encodeBytes32String('vouch-call-1'), 1n, call.consumer, call.modelId, prover, 3n], keccak256('0xdeadbeef')],
  );
  expect(callBinding(call)).toBe(BigInt(keccak256(words)) >> 8n);
  expect(callBinding({ ...call, data: '0x' })).not.toBe(callBinding(call));
});
