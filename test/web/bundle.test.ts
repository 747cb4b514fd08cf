import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { bundlePage } from '../../examples/browser/serve.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;

test('nothing that a page imports is built into Node, or leans on its globals', async () => {
  const { metafile } = await build({
    entryPoints: [fromRoot('src/web/index.ts'), fromRoot('src/web/worker.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    outdir: '/',
  });
  const files = Object.keys(metafile.inputs);
  expect(files.length).toBeGreaterThan(80);
  const packages = new Set(files.flatMap((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []));
  expect([...packages].sort()).toEqual(['@noble/curves', '@noble/hashes']);
  const ours = files.filter((file) => !file.includes('node_modules'));
  const imports = ours.flatMap((file) => metafile.inputs[file].imports.map(({ path }) => path));
  expect(imports.filter((path) => path.startsWith('node:'))).toEqual([]);
  const leaning = ours.filter((file) => /\b(Buffer|process|__dirname)\b[.(]/.test(readFileSync(file, 'utf8')));
  expect(leaning).toEqual([]);
});

test('scripts and kernel stay within their budget', async () => {
  const scripts = [...(await bundlePage())];
  expect(scripts.map(([path]) => path).sort()).toEqual(['/page.js', '/worker.js']);
  const kernel = readFileSync(fromRoot('native/prebuilt/wasm32/vouch-fma.wasm'));
  const parts = [...scripts.map(([, bytes]) => bytes), kernel];
  expect(parts.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(420_000);
  expect(parts.reduce((sum, bytes) => sum + gzipped(bytes), 0)).toBeLessThan(170_000);
});
