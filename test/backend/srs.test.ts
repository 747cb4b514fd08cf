import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateSrs, takeSrs } from '../../src/backend/ezkl/srs.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-given-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
/** For 2^8 rows, and not the public one. */
const given = 'test/vectors/ezkl/kzg8.srs';
const digest = createHash('sha256').update(readFileSync(given)).digest('hex');
const other = digest.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
process.env.XDG_CACHE_HOME = at('cache');

test('a reference string of unknown origin is for development unless the user vouches for it', async () => {
  expect(await takeSrs({ path: given }, 8, at('a'))).toEqual({ srs: 'given', trust: 'insecure-dev' });
  expect(readFileSync(at('a')).equals(readFileSync(given))).toBe(true);
  await expect(takeSrs({ path: given, trusted: other }, 8, at('b'))).rejects.toMatchObject({
    name: 'Backend.OtherSrsError',
    message: expect.stringMatching(new RegExp(`${other}\\n.*${digest}`)),
  });
  expect(await takeSrs({ path: given, trusted: digest }, 8, at('c'))).toEqual({ srs: 'given', trust: 'ceremony' });
});

test('a reference string for fewer rows than the model has is refused', async () => {
  await expect(takeSrs({ path: given }, 9, at('d'))).rejects.toMatchObject({
    name: 'Backend.SmallSrsError',
    message: expect.stringMatching(/for 2\^8 rows, and the model has 2\^9/),
  });
  expect(await takeSrs({ path: given }, 7, at('e'))).toMatchObject({ srs: 'given' });
});

test.each([
  ['nothing', new Uint8Array()],
  ['too many rows', Uint8Array.of(27, 0, 0, 0, 1)],
  ['half the points', new Uint8Array(readFileSync(given)).slice(0, 20_000)],
  ['a byte too many', Uint8Array.of(...readFileSync(given), 0)],
])('a file with %s is no reference string', async (name, bytes) => {
  writeFileSync(at(name), bytes);
  await expect(takeSrs({ path: at(name) }, 1, at('f'))).rejects.toMatchObject({ name: 'Backend.NoSrsError' });
});

test('one made for development is kept, and a damaged one is made again', async () => {
  const ezkl = makeFakeEzkl();
  expect(await generateSrs(ezkl, 3, at('g'))).toEqual({ srs: 'generated', trust: 'insecure-dev' });
  const kept = readdirSync(at('cache/vouch/insecure-srs'));
  expect(kept).toHaveLength(1);
  await generateSrs(ezkl, 3, at('h'));
  expect(readFileSync(at('h')).equals(readFileSync(at('g')))).toBe(true);
  const path = at(`cache/vouch/insecure-srs/${kept[0]}`);
  const bytes = readFileSync(path);
  bytes[20] ^= 1;
  writeFileSync(path, bytes);
  await generateSrs(ezkl, 3, at('i'));
  expect(readFileSync(at('i')).equals(bytes)).toBe(false);
});
