import { readFileSync } from 'node:fs';
import { InternalError } from '../errors.ts';

/** The files of `circuits/`, each after those that it includes. */
const files = [
  'boolean',
  'bits',
  'sign',
  'zero',
  'quotient',
  'one-hot',
  'pattern',
  'segment',
  'tests',
  'clip',
  'round',
  'max',
  'argmax',
  'top-k',
  'function',
  'divide',
  'sqrt',
  'bitwise',
  'poseidon',
] as const;

/** The text of all templates that a program uses, and of those that they use, ready to stand in one file. */
export function templatesFor(program: string): string {
  const texts = files.map((name) => readTemplates(name));
  const wanted = new Set<string>();
  let text = program;
  for (const [i, source] of [...texts.entries()].reverse()) {
    if (!definitionsOf(source).some((name) => new RegExp(`\\b${name}\\(`).test(text))) continue;
    wanted.add(source);
    text += texts[i];
  }
  return texts.filter((source) => wanted.has(source)).join('\n');
}

/** Sources and package have the folder at the same place relative to this one. */
function readTemplates(name: string): string {
  const source = readFileSync(new URL(`../../circuits/${name}.circom`, import.meta.url), 'utf8');
  if (definitionsOf(source).length === 0) throw new InternalError(`circuits/${name}.circom defines nothing.`);
  return `${source
    .split('\n')
    .filter((line) => !/^(pragma|include) /.test(line))
    .join('\n')
    .trim()}\n`;
}

function definitionsOf(source: string): string[] {
  return Array.from(source.matchAll(/^(?:template|function) (\w+)\(/gm), ([, name]) => name);
}
