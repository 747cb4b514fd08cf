import { InternalError } from '../errors.ts';

/** An integer as circom reads it anywhere in an expression. */
export function literal(value: number): string {
  if (!Number.isSafeInteger(value)) throw new InternalError(`circom cannot hold the number ${value} exactly`);
  return value < 0 ? `(${value})` : `${value + 0}`;
}

/** An array of integers, or of arrays of them. */
export function table(values: ArrayLike<number> | readonly ArrayLike<number>[]): string {
  const items = Array.from(values, (value: number | ArrayLike<number>) =>
    typeof value === 'number' ? `${value + 0}` : table(value),
  );
  return `[${items.join(', ')}]`;
}

/** One column of a loop: the text that stands for its value in the body, and its table where it needs one. */
interface Column {
  readonly text: string;
  readonly declaration?: string;
}

/**
 * Statements for every row of some columns of integers: a loop over tables. A column of equal values stands in the body
 * as a number, one that counts as the loop's `i`; a single row needs no loop.
 */
export function forEach<K extends string>(
  columns: Readonly<Record<K, ArrayLike<number>>>,
  body: (row: Readonly<Record<K, string>>) => readonly string[],
): string[] {
  const names = Object.keys(columns) as K[];
  const count = columns[names[0]].length;
  if (count === 0) return [];
  const made = names.map((name) => columnOf(name, columns[name]));
  const row = Object.fromEntries(names.map((name, i) => [name, made[i].text])) as Record<K, string>;
  if (count === 1) {
    const lines = body(row);
    return lines.some((line) => line.startsWith('var ')) ? block(lines) : [...lines];
  }
  const declarations = made.flatMap(({ declaration }) => (declaration === undefined ? [] : [declaration]));
  return block([...declarations, `for (var i = 0; i < ${count}; i++) {`, ...indent(body(row)), '}']);
}

function columnOf(name: string, values: ArrayLike<number>): Column {
  const first = values[0];
  const every = (test: (value: number, i: number) => boolean): boolean => Array.from(values).every(test);
  if (every((value) => value === first)) return { text: literal(first) };
  if (every((value, i) => value === first + i)) return { text: first === 0 ? 'i' : `i + ${literal(first)}` };
  return { text: `${name}[i]`, declaration: `var ${name}[${values.length}] = ${table(values)};` };
}

/** Statements with names of their own. */
export function block(lines: readonly string[]): string[] {
  return ['{', ...indent(lines), '}'];
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `    ${line}`));
}

/** Σ coefficient·term of terms that are not zero. */
export function sumOf(terms: readonly (readonly [coefficient: number, term: string])[], constant = 0): string {
  const parts = terms.flatMap(([coefficient, term]) => {
    if (coefficient === 0) return [];
    return [coefficient === 1 ? term : coefficient === -1 ? `-${term}` : `${literal(coefficient)} * ${term}`];
  });
  if (constant !== 0 || parts.length === 0) parts.push(literal(constant));
  return parts.join(' + ').replaceAll('+ -', '- ');
}

/** What a comment may show of a name that anyone may have chosen. */
export function quoted(name: string): string {
  return `"${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)}"`;
}
