import { afterAll, test } from 'vitest';
import { countRows } from './counts.ts';
import { compileExample, largeModels } from './example-model.ts';
import { openGolden } from './golden.ts';

const golden = openGolden('large-models.json');
afterAll(() => golden.finish());

test.each(largeModels)('%s costs what it did', async (name) => {
  const { circuit } = await compileExample(name);
  golden.check(name, countRows(circuit.system));
});
