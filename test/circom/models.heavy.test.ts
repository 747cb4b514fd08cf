import { test } from 'vitest';
import { expectReduced, expectSameModel } from './same-model.ts';
import { exampleModel } from './whole-model.ts';

test('credit-forest is the same on both routes', async () => {
  expectReduced(await expectSameModel(await exampleModel('credit-forest', 4)));
});

// The elimination of 100,000 weights takes minutes, and shows nothing that the smaller models do not.
test('mnist-mlp is the same on both routes', async () => {
  await expectSameModel(await exampleModel('mnist-mlp', 1));
}, 900_000);
