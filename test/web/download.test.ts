import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hex32 } from '../../src/verify/json.ts';
import { download, downloadInto } from '../../src/web/download.ts';

const body = Uint8Array.from({ length: 30_000 }, (_, i) => (i * 37) ^ (i >> 8));
const digest: Hex32 = `0x${createHash('sha256').update(body).digest('hex')}`;
const server = createServer(({ url }, response) => {
  // A connection that is kept may be closed in the moment that it is used again.
  response.setHeader('connection', 'close');
  if (url === '/whole') response.writeHead(200, { 'content-length': body.length }).end(body);
  else if (url === '/chunked') response.write(body.subarray(0, 1000), () => response.end(body.subarray(1000)));
  else if (url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
  else if (url === '/cut') {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 5000), () => response.destroy());
  } else response.writeHead(404).end();
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
const at = (path: string): URL => new URL(path, base);
const limit = 1 << 20;

test.each(['/whole', '/chunked', '/gzip'])('%s arrives, with progress', async (path) => {
  const progress: [number, number][] = [];
  const onProgress = (received: number, total: number) => progress.push([received, total]);
  expect(await download(at(path), { digest, limit, onProgress })).toEqual(body);
  expect(progress.at(-1)?.[0]).toBe(body.length);
  expect(progress.at(-1)?.[1]).toBe(path === '/whole' ? body.length : Number.NaN);
});

test('room is asked for once, and before the first byte where the size is known', async () => {
  const events: string[] = [];
  await downloadInto(at('/whole'), { digest, limit }, (size) => {
    events.push(`reserve ${size}`);
    return (_, offset) => events.push(`write ${offset}`);
  });
  expect(events.slice(0, 2)).toEqual([`reserve ${body.length}`, 'write 0']);
  expect(events.filter((event) => event.startsWith('reserve'))).toHaveLength(1);
});

test.each([
  ['/whole', { digest: `0x${'0'.repeat(64)}` as Hex32, limit }, 'not the file that the manifest names'],
  ['/whole', { digest, limit: 1000 }, 'more than the 1000 that are accepted'],
  ['/chunked', { digest, limit: 1000 }, 'more than 1000 bytes'],
  ['/gzip', { digest, limit: 1000 }, 'more than 1000 bytes'],
  ['/cut', { digest, limit }, 'the connection broke'],
  ['/absent', { digest, limit }, 'the server answered 404'],
])('%s with %o is refused', async (path, options, message) => {
  await expect(download(at(path), options)).rejects.toThrow(message);
});

test('a server that is not there is named', async () => {
  const nowhere = new URL('http://127.0.0.1:1/model/manifest.json');
  await expect(download(nowhere, { limit })).rejects.toThrow(`${nowhere.href} could not be used: the server cannot be`);
});
