import { expect, test } from 'vitest';
import { ArgumentError } from '../../src/cli/arguments.ts';
import { minFeeOf } from '../../src/cli/commands/watch.ts';
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
