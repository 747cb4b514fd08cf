import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WASM_DIGESTS } from '../../src/kernel/wasm-digests.ts';
import { fetchKernel } from '../../src/web/fetch-kernel.ts';

const builds = ['fma', 'simd'] as const;
const fileOf = (name: string): Buffer => readFileSync(new URL(`../../native/prebuilt/wasm32/${name}`, import.meta.url));

// /changed/ serves every file with one bit turned, /cut/ without its last byte.
const server = createServer(({ url = '' }, response) => {
  response.setHeader('connection', 'close');
  const [, folder, name] = url.split('/');
  const bytes = fileOf(name);
  if (folder === 'changed') bytes[bytes.length >> 1] ^= 1;
  response.end(folder === 'cut' ? bytes.subarray(0, -1) : bytes);
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each(builds)('a page knows the build %s that is committed', async (build) => {
  const bytes = fileOf(`vouch-${build}.wasm`);
  expect(WASM_DIGESTS[build]).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(Buffer.from(await fetchKernel(build, new URL(`/as-built/vouch-${build}.wasm`, base))).equals(bytes)).toBe(
    true,
  );
});

test.each(builds)('a kernel %s that somebody changed is refused, by name', async (build) => {
  for (const folder of ['changed', 'cut']) {
    const refused = fetchKernel(build, new URL(`/${folder}/vouch-${build}.wasm`, base));
    await expect(refused).rejects.toMatchObject({ name: 'Web.KernelMismatchError' });
    await expect(refused).rejects.toThrow(`expected sha256 ${WASM_DIGESTS[build]}, got `);
  }
});
