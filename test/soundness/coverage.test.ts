import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { declaredHints } from './liar.ts';
import { smallGadgets } from './small-gadgets.ts';

const page = readFileSync('docs/soundness.md', 'utf8');

/** Cells of the table rows below a heading. */
function tableOf(heading: string): string[][] {
  const [, section] = page.split(`## ${heading}\n`);
  const [rows] = section.split('\n## ');
  const cells = rows.split('\n').filter((line) => line.startsWith('| '));
  return cells.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

test('every gadget and every lowering has its argument and a circuit that is searched in full', () => {
  const rows = tableOf('Hints: why each is unique');
  const argued = rows.flatMap(([gadget]) => quoted(gadget));
  const plain = ['lower/context.ts', 'lower/table.ts', 'lower/linear.ts'];
  const files = ['gadgets', 'lower'].flatMap((folder) =>
    readdirSync(`src/r1cs/${folder}`).map((file) => `${folder}/${file}`),
  );
  expect(argued.sort()).toEqual(files.filter((file) => !plain.includes(file)).sort());
  const circuits = new Set([...smallGadgets.map(({ name }) => name), 'visible.ts']);
  expect(rows.flatMap((row) => quoted(row[3])).filter((name) => !circuits.has(name))).toEqual([]);
  expect(rows.filter((row) => quoted(row[3]).length === 0)).toEqual([]);
});

test('every kind of hint is explained', () => {
  const [, section] = page.split('## Hints: why each is unique\n');
  expect(declaredHints().filter((kind) => !quoted(section).includes(kind))).toEqual([]);
});

test('every trap has a test of its name', () => {
  const files = readdirSync('test/soundness', { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`test/soundness/${file}`, 'utf8'));
  const rows = tableOf('Traps others fell into');
  expect(rows.length).toBeGreaterThan(20);
  for (const [trap, name] of rows) {
    const [title] = quoted(name);
    expect(sources.filter((source) => source.includes(`'${title}'`)).length, trap).toBe(1);
  }
});
