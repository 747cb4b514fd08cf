import { test } from 'vitest';
import { expectSameModel } from './same-model.ts';
import { exampleModel } from './whole-model.ts';

test('credit-forest is the same on both routes', async () => {
  await expectSameModel(await exampleModel('credit-forest', 4));
});
