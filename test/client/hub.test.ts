import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startLocalChain } from '../../src/evm/anvil.ts';
import { requestBinding } from '../../src/evm/binding.ts';
import { openChain } from '../../src/evm/chain/chain.ts';
import { TransactionRevertedError } from '../../src/evm/chain/revert.ts';
import { creditWei, refund, withdraw } from '../../src/evm/hub/credit.ts';
import { findFulfilled, findRequest, locate, NotAHubError, statusOf, verifierOf } from '../../src/evm/hub/hub.ts';
import {
  DevelopmentKeyError,
  deployHub,
  deployModelVerifier,
  registerModel,
  registration,
} from '../../src/evm/hub/publish.ts';
import { RequestRefundedError, request, UnregisteredModelError, waitForAnswer } from '../../src/evm/hub/request.ts';
import { BindingMismatchError, ProofRejectedError, SubmissionDeclinedError, submit } from '../../src/evm/hub/submit.ts';
import { accountFromKey, DevelopmentAccountError, developmentAccount } from '../../src/evm/sender/account.ts';
import { createSender, type Sender } from '../../src/evm/sender/sender.ts';
import { type DevNode, startDevNode } from './dev-node.ts';
import { toyInput, toyModel, toyModelId, toyOutput, toyProof } from './toy-model.ts';

vi.setConfig({ testTimeout: 90_000 });

let node: DevNode;
let sender: Sender;
let hub: string;

beforeAll(async () => {
  node = await startDevNode();
  sender = createSender(node.chain, developmentAccount(0, 31337), { pollMs: 20 });
  hub = (await deployHub(sender)).address;
});
afterAll(async () => {
  await sender.close();
  await node.stop();
});

const inAnHour = (): number => Date.now() / 1000 + 3600;
const ask = (x: readonly number[]) =>
  request(sender, { hub, modelId: toyModelId, input: toyInput(x), deadline: inAnHour(), feeWei: 5n });
const bindingFor = async (made: Awaited<ReturnType<typeof ask>>): Promise<bigint> =>
  requestBinding(locate(node.chain, hub), made.request, sender.account.address);

test('a model is registered once, whoever registers it again', async () => {
  await expect(ask([1, 2, 3, 4])).rejects.toThrow(UnregisteredModelError);
  const first = await registerModel(sender, { hub, model: toyModel });
  expect(first.modelId).toBe(toyModelId);
  expect(first.receipt?.succeeded).toBe(true);
  expect(await verifierOf(node.chain, hub, toyModelId)).toBe(first.verifier);
  const second = await registerModel(sender, { hub, model: toyModel });
  expect(second).toEqual({ ...first, receipt: undefined });
});

test('a request is found by its id and answered by a proof for it', async () => {
  await registerModel(sender, { hub, model: toyModel });
  const made = await ask([1, 2, 3, -50]);
  expect(await findRequest(node.chain, hub, made.id)).toMatchObject({ id: made.id, request: { fee: 5n } });
  const proof = await toyProof([1, 2, 3, -50], await bindingFor(made));
  const target = { kind: 'request', hub, id: made.id } as const;
  const declined = submit(sender, { proof, model: toyModel, target }, { confirm: async () => false });
  await expect(declined).rejects.toThrow(SubmissionDeclinedError);
  const { receipt, cost } = await submit(sender, { proof, model: toyModel, target });
  expect(findFulfilled(receipt.logs, hub, made.id)?.prover).toBe(sender.account.address);
  expect(Math.abs(Number(cost.totalGas - receipt.gasUsed))).toBeLessThan(0.3 * Number(receipt.gasUsed));
  expect(cost.executionGas + cost.calldataGas + 21_000n).toBe(cost.totalGas);
  const answer = await waitForAnswer(node.chain, { hub, id: made.id });
  expect(toyOutput(answer.output)).toBe(-44n);
  await expect(submit(sender, { proof, model: toyModel, target })).rejects.toThrow(TransactionRevertedError);
});

test('results are told apart by address and id where one block holds many', async () => {
  await registerModel(sender, { hub, model: toyModel });
  const made = await Promise.all([1, 2, 3].map((v) => ask([v, v, v, v])));
  await node.ask('evm_setAutomine', false);
  const submitted = made.map(async (each, i) => {
    const proof = await toyProof([i + 1, i + 1, i + 1, i + 1], await bindingFor(each));
    return submit(sender, { proof, model: toyModel, target: { kind: 'request', hub, id: each.id } });
  });
  await node.mineUntil(Promise.all(submitted));
  await node.ask('evm_setAutomine', true);
  for (const [i, each] of made.entries()) {
    expect(toyOutput((await waitForAnswer(node.chain, { hub, id: each.id })).output)).toBe(BigInt(4 * (i + 1)));
    const { receipt } = await submitted[i];
    expect(findFulfilled(receipt.logs, hub, made[(i + 1) % 3].id)).toBeUndefined();
    expect(findFulfilled(receipt.logs, `0x${'11'.repeat(20)}`, each.id)).toBeUndefined();
  }
});

test('a wrong proof costs nothing', async () => {
  await registerModel(sender, { hub, model: toyModel });
  const made = await ask([9, 9, 9, 9]);
  const target = { kind: 'request', hub, id: made.id } as const;
  const nonce = await node.chain.transactionCount(sender.account.address, 'latest');
  const proof = await toyProof([9, 9, 9, 9], 7n);
  await expect(submit(sender, { proof, model: toyModel, target })).rejects.toThrow(BindingMismatchError);
  const broken = { ...proof, publicSignals: [proof.publicSignals[0], proof.publicSignals[0], proof.publicSignals[2]] };
  await expect(submit(sender, { proof: broken, model: toyModel, target })).rejects.toThrow(ProofRejectedError);
  expect(await statusOf(node.chain, hub, made.id)).toBe('pending');
  expect(await node.chain.transactionCount(sender.account.address, 'latest')).toBe(nonce);
});

test('a verifier without a hub takes proofs', async () => {
  const { address } = await deployModelVerifier(sender, toyModel);
  const proof = await toyProof([4, 3, 2, 1], 77n);
  const target = { kind: 'verifier', verifier: address } as const;
  const { receipt } = await submit(sender, { proof, model: toyModel, target });
  expect(receipt.succeeded).toBe(true);
  const elsewhere = { kind: 'verifier', verifier: hub } as const;
  await expect(submit(sender, { proof, model: toyModel, target: elsewhere })).rejects.toThrow();
});

test('an address without a hub is named', async () => {
  await expect(verifierOf(node.chain, `0x${'12'.repeat(20)}`, toyModelId)).rejects.toThrow(NotAHubError);
});

test('a development key and development accounts stay on the local chain', async () => {
  const abroad = await startLocalChain({ chainId: 10 });
  try {
    const chain = await openChain(abroad.url);
    expect(() => developmentAccount(0, chain.chainId)).toThrow(DevelopmentAccountError);
    // The key of that account, which anvil funds here too.
    const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
    const stranger = createSender(chain, accountFromKey(key), { confirmations: 1, pollMs: 20 });
    const { address } = await deployHub(stranger);
    await expect(deployModelVerifier(stranger, toyModel)).rejects.toThrow(DevelopmentKeyError);
    await expect(registerModel(stranger, { hub: address, model: toyModel })).rejects.toThrow(DevelopmentKeyError);
    const call = { to: address, data: (await registration(node.chain, hub, toyModel)).data };
    await expect(stranger.send(call)).rejects.toThrow('InsecureDevelopmentKey');
  } finally {
    await abroad.stop();
  }
});

test('a fee goes to who proved, or back after the deadline', async () => {
  await registerModel(sender, { hub, model: toyModel });
  const prover = createSender(node.chain, developmentAccount(3, 31337), { pollMs: 20 });
  const answered = await request(sender, {
    ...{ hub, modelId: toyModelId, input: toyInput([1, 1, 1, 1]), deadline: inAnHour(), feeWei: 10n ** 18n },
  });
  const binding = requestBinding(locate(node.chain, hub), answered.request, prover.account.address);
  const target = { kind: 'request', hub, id: answered.id } as const;
  await submit(prover, { proof: await toyProof([1, 1, 1, 1], binding), model: toyModel, target });
  expect(await creditWei(node.chain, hub, prover.account.address)).toBe(10n ** 18n);
  const recipient = `0x${'cd'.repeat(20)}`;
  await withdraw(prover, { hub, to: recipient });
  expect(await node.chain.balanceWei(recipient)).toBe(10n ** 18n);
  await expect(withdraw(prover, { hub })).rejects.toThrow('NothingToWithdraw');

  const head = await node.chain.block();
  const deadline = (head?.timestamp ?? 0) + 1000;
  const before = await creditWei(node.chain, hub, sender.account.address);
  const late = await request(sender, { hub, modelId: toyModelId, input: toyInput([2, 2, 2, 2]), deadline, feeWei: 7n });
  await expect(refund(sender, { hub, id: late.id })).rejects.toThrow('DeadlineNotPassed');
  await node.ask('evm_increaseTime', 2000);
  await node.mine();
  await refund(prover, { hub, id: late.id });
  expect(await statusOf(node.chain, hub, late.id)).toBe('refunded');
  expect(await creditWei(node.chain, hub, sender.account.address)).toBe(before + 7n);
  await expect(waitForAnswer(node.chain, { hub, id: late.id })).rejects.toThrow(RequestRefundedError);
  await prover.close();
});
