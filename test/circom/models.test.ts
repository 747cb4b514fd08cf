import { test } from 'vitest';
import { expectReduced, expectSameModel } from './same-model.ts';
import { attentionNetwork, convolutionalNetwork } from './small-networks.ts';
import { exampleModel, writtenModel } from './whole-model.ts';

const samples = 2;

test.each(['credit-mlp', 'credit-gbdt', 'credit-lightgbm'])('%s is the same on both routes', async (name) => {
  expectReduced(await expectSameModel(await exampleModel(name, samples)));
});

test.each([
  ['a convolutional network', convolutionalNetwork()],
  ['an attention network', attentionNetwork()],
] as const)('%s is the same on both routes', async (_name, network) => {
  expectReduced(await expectSameModel(await writtenModel(network, samples)));
});
