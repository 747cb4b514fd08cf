import { expect, test } from 'vitest';
import { ArgumentError } from '../../src/cli/arguments.ts';
import { minFeeOf } from '../../src/cli/commands/watch.ts';
import { createIntake } from '../../src/evm/node/intake.ts';
import { refusalReason } from '../../src/evm/node/policy.ts';
import { toyInput, toyModelId } from './toy-model.ts';

const request = {
  ...{ modelId: toyModelId, requester: `0x${'11'.repeat(20)}`, consumer: `0x${'22'.repeat(20)}` },
  ...{ fee: 0n, sequence: 1n, deadline: 1_000n, callbackGas: 1_000_000n, input: toyInput([1, 2, 3, 4]) },
};
const now = { timestamp: 900, gasWei: 3n };

test('the gas of the callback comes on top of the least fee', () => {
  const policy = { minFeeWei: 50n };
  expect(refusalReason({ ...request, fee: 3_000_050n }, policy, now)).toBeUndefined();
  expect(refusalReason({ ...request, fee: 3_000_049n }, policy, now)).toMatch(/below 3000050, callback included/);
  expect(refusalReason(request, {}, now)).toMatch(/below 3000000/);
  expect(refusalReason(request, {}, { ...now, gasWei: 0n })).toBeUndefined();
  expect(refusalReason({ ...request, callbackGas: 0n }, {}, now)).toBeUndefined();
});

test('where gas costs money, the command wants the least fee said', () => {
  expect(minFeeOf(31337, undefined)).toBe(0n);
  expect(minFeeOf(1, '0.5')).toBe(5n * 10n ** 17n);
  expect(minFeeOf(1, '0')).toBe(0n);
  expect(() => minFeeOf(1, undefined)).toThrow(ArgumentError);
});

const located = (digit: string, changes: Partial<typeof request> = {}) => ({
  id: `0x${digit.repeat(64)}` as const,
  request: { ...request, fee: 3_000_000n, ...changes },
  block: 5,
});
const ids = (requests: readonly { readonly id: string }[]): string[] => requests.map(({ id }) => id);

test('a request that only the price of gas forbids is refused once and taken when gas is cheaper', () => {
  const intake = createIntake({});
  const [dear, cheap] = [located('a'), located('b', { callbackGas: 0n })];
  const jobs = new Set<string>();
  const judge = (gasWei: bigint, found = [dear, cheap]) =>
    intake.judge(found, { timestamp: 900, gasWei }, (id) => jobs.has(id));
  const first = judge(4n);
  expect(first).toMatchObject({ accepted: [cheap], refused: [{ id: dear.id }] });
  jobs.add(cheap.id);
  expect(judge(5n)).toEqual({ accepted: [], refused: [] });
  // Its block is searched no more.
  intake.forgetBefore(100);
  expect(judge(4n, [])).toEqual({ accepted: [], refused: [] });
  // As long as there is no place for it, it keeps waiting.
  expect(ids(judge(3n, []).accepted)).toEqual([dear.id]);
  expect(ids(judge(3n, []).accepted)).toEqual([dear.id]);
  jobs.add(dear.id);
  expect(judge(3n, [])).toEqual({ accepted: [], refused: [] });
  jobs.clear();
  expect(judge(3n, [])).toEqual({ accepted: [], refused: [] });
});

test('a request that cheaper gas does not help is dismissed, and one that waited too long is', () => {
  const intake = createIntake({ minFeeWei: 10n, minSecondsLeft: 50 }, ({ sequence }) => sequence !== 7n);
  const found = [
    located('1', { fee: 9n, callbackGas: 0n }),
    located('2', { callbackGas: 2_000_000n, fee: 10n ** 20n }),
    located('3', { sequence: 7n }),
    located('4'),
  ];
  const judge = (timestamp: number, gasWei: bigint) => intake.judge(found, { timestamp, gasWei }, () => false);
  expect(ids(judge(900, 4n).refused)).toEqual(ids(found));
  expect(judge(960, 4n)).toEqual({ accepted: [], refused: [] });
  expect(judge(900, 0n)).toEqual({ accepted: [], refused: [] });
  intake.forgetBefore(6);
  expect(ids(judge(960, 4n).refused)).toEqual(ids(found));
});

test('what is dismissed is passed over until its block is searched no more', () => {
  const intake = createIntake({});
  const found = [located('c', { callbackGas: 0n })];
  const judge = () => ids(intake.judge(found, now, () => false).accepted);
  intake.dismiss(found[0]);
  intake.forgetBefore(5);
  expect(judge()).toEqual([]);
  intake.forgetBefore(6);
  expect(judge()).toEqual(ids(found));
});
