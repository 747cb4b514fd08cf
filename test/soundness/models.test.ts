import { test } from 'vitest';
import { smallModels } from '../golden/example-model.ts';
import { expectSound } from './models.ts';

test.each(smallModels)('%s accepts no lie', (name) => expectSound(name, { most: 24, rank: true }));
