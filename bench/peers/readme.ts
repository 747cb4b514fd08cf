// npm run bench:readme [-- --check]: writes the comparison of the newest kept result into the README.
import { readFileSync, writeFileSync } from 'node:fs';
import { renderPeersMarkdown } from './render.ts';
import type { PeersResult } from './result.ts';
import { newestPeers } from './run.ts';

const START = '<!-- peers:start -->';
const END = '<!-- peers:end -->';

/** The README with its comparison made anew from a result; nothing where it has no marks. */
export function withPeers(readme: string, result: PeersResult): string | undefined {
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)];
  if (from < 0 || to < from) return undefined;
  return `${readme.slice(0, from + START.length)}\n${renderPeersMarkdown(result)}\n${readme.slice(to)}`;
}

if (process.argv[1] === import.meta.filename) {
  const result = newestPeers('bench/results');
  if (result === undefined)
    throw new Error('bench/results holds no comparison; make one with: npm run bench -- --peers');
  const readme = readFileSync('README.md', 'utf8');
  const written = withPeers(readme, result);
  if (written === undefined) throw new Error(`README.md has no ${START} … ${END}`);
  if (!process.argv.includes('--check')) writeFileSync('README.md', written);
  else if (written !== readme)
    throw new Error('README.md shows another result than the newest; run: npm run bench:readme');
}
