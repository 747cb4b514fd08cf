import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { templatesFor } from '../../src/circom/library.ts';
import { poseidonFunctions } from '../../src/circom/publish.ts';
import { productRows } from './agree.ts';
import { compileCircom } from './compiler.ts';

/** The last two columns of the table in circuits/README.md. */
const examples = Array.from(
  readFileSync('circuits/README.md', 'utf8').matchAll(/\| `([^`]+)` \| (\d+) \|$/gm),
  ([, instance, measured]) => ({ instance, measured: Number(measured) }),
);

test('the table lists every template that is not a part of another', () => {
  const texts = readdirSync('circuits').map((name) => readFileSync(join('circuits', name), 'utf8'));
  const defined = texts.flatMap((text) => Array.from(text.matchAll(/^template (\w+)\(/gm), ([, name]) => name));
  const listed = new Set(examples.map(({ instance }) => instance.replace(/\(.*/, '')));
  expect(defined.filter((name) => !listed.has(name))).toEqual(['FifthPower']);
});

test.each(examples)('$instance has $measured constraints', ({ instance, measured }) => {
  const main = `component main = ${instance};`;
  const constants = instance.startsWith('Poseidon') || instance.startsWith('Commitment') ? poseidonFunctions() : '';
  const { system } = compileCircom(`pragma circom 2.1.0;\n${constants}${templatesFor(main)}${main}\n`);
  expect(productRows(system)).toBe(measured);
});
