import { afterAll, test } from 'vitest';
import { countRows } from './counts.ts';
import { compileExample, smallModels } from './example-model.ts';
import { openGolden } from './golden.ts';

const golden = openGolden('models.json');
afterAll(() => golden.finish());

test.each(smallModels)('%s costs what it did', async (name) => {
  const { circuit } = await compileExample(name);
  golden.check(name, countRows(circuit.system));
});
