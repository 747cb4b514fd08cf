import { test } from 'vitest';
import { largeModels } from '../golden/example-model.ts';
import { expectSound } from './models.ts';

test.each(largeModels)('%s accepts no lie', (name) => expectSound(name, 8), 300_000);
