import { afterAll, expect, test } from 'vitest';
import { supportedOps } from '../../src/onnx/ops/all.ts';
import { countRows } from './counts.ts';
import { openGolden } from './golden.ts';
import { compileOperator, type OperatorCase } from './operators/case.ts';
import { elementwise } from './operators/elementwise.ts';
import { linear } from './operators/linear.ts';
import { movement } from './operators/movement.ts';
import { trees } from './operators/trees.ts';

const golden = openGolden('operators.json');
afterAll(() => golden.finish());

const cases = [...elementwise, ...linear, ...movement, ...trees];
const seen = new Map<string, number>();

/** Known to the import in order to be refused by name: what it computes fixes the scale of its own result. */
const refused = [':DynamicQuantizeLinear'];

/** An operator that has several cases is numbered from its second on. */
const named = cases.map((own: OperatorCase): readonly [string, OperatorCase] => {
  const count = (seen.get(own.op) ?? 0) + 1;
  seen.set(own.op, count);
  return [count === 1 ? own.op : `${own.op} ${count}`, own];
});

test.each(named)('%s costs what it did', (name, own) => {
  golden.check(name, countRows(compileOperator(own).system));
});

test('every supported operator has a case', () => {
  const keys = new Set([...cases.map(({ op, domain = '' }) => `${domain}:${op}`), ...refused]);
  expect(supportedOps().filter((key) => !keys.has(key))).toEqual([]);
});
