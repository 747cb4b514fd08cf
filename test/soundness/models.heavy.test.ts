import { test } from 'vitest';
import { largeModels } from '../golden/example-model.ts';
import { expectSound } from './models.ts';

test.each(largeModels)(
  '%s accepts no lie',
  (name) => expectSound(name, { most: 6, rank: name === 'volatility' }),
  300_000,
);
