import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { decodeContributions } from '../../src/keys/ceremony/contribution.ts';
import { knownPtau } from '../../src/keys/ceremony/known-ptau.ts';
import { decodeTranscript } from '../../src/keys/ceremony/transcript.ts';

const POINTS = 3 * 64 + 128;

/** A list with one entry of zero points. */
function list(fields: { count?: number; kind?: number; parameters?: number[]; length?: number } = {}): Uint8Array {
  const { count = 1, kind = 0, parameters = [] } = fields;
  const { length = parameters.length } = fields;
  const bytes = new Uint8Array(68 + POINTS + 64 + 8 + parameters.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(64, count, true);
  view.setUint32(68 + POINTS + 64, kind, true);
  view.setUint32(68 + POINTS + 68, length, true);
  bytes.set(parameters, 68 + POINTS + 72);
  return bytes;
}

const named = (text: string) => [1, new TextEncoder().encode(text).length, ...new TextEncoder().encode(text)];

test('a contribution list is read with its parameters', () => {
  const { contributions } = decodeContributions(
    list({ kind: 1, parameters: [...named('drand'), 2, 20, 3, 2, 0xab, 1] }),
  );
  expect(contributions).toMatchObject([{ index: 1, name: 'drand', beacon: { hash: 'ab01', iterationsLog2: 20 } }]);
  expect(decodeContributions(list()).contributions).toMatchObject([{ name: '' }]);
});

test('a name cannot steer the terminal', () => {
  const [{ name }] = decodeContributions(list({ parameters: named('\u001b[2JAda\u202e') })).contributions;
  expect(name).toBe('\uFFFD[2JAda\uFFFD');
});

test.each([
  ['too short', new Uint8Array(67), '67 bytes are too few'],
  ['more entries than bytes', list({ count: 2 ** 32 - 1 }), 'entry 2 of 4294967295 is cut off'],
  ['parameters beyond the end', list({ length: 2 ** 32 - 1 }), 'claims 4294967295 bytes'],
  ['an unknown kind', list({ kind: 2 }), 'unknown kind 2'],
  ['a beacon without randomness', list({ kind: 1 }), 'lacks its randomness'],
  ['a beacon of no bytes', list({ kind: 1, parameters: [2, 10, 3, 0] }), 'lacks its randomness'],
  ['an unknown parameter', list({ parameters: [4, 0] }), 'out of order'],
  ['a parameter twice', list({ parameters: [...named('a'), ...named('b')] }), 'out of order'],
  ['a parameter without a length', list({ parameters: [1] }), 'out of order'],
  ['a name that is cut off', list({ parameters: [1, 5, 65] }), 'cut off'],
  ['bytes after the last entry', list({ count: 0 }), 'bytes follow'],
])('a malformed contribution list is refused: %s', (_, bytes, message) => {
  expect(() => decodeContributions(bytes)).toThrow(message);
});

test('the digests of published Powers of Tau are those of the README of snarkjs', async () => {
  const readme = await readFile('node_modules/snarkjs/README.md', 'utf8');
  const rows = [...readme.matchAll(/\[(powersOfTau28_hez_final\w*\.ptau)\]\(\S+\)\s*\|\s*([0-9a-f]{128})/g)];
  expect(rows).toHaveLength(21);
  for (const [, file, digest] of rows) expect(knownPtau(digest)?.file).toBe(file);
  expect(knownPtau('00'.repeat(64))).toBeUndefined();
});

const transcript = {
  format: 'vouch-ceremony-1',
  circuit: {
    sha256: `0x${'1'.repeat(64)}`,
    circuitHash: '2'.repeat(128),
    rows: 3,
    wires: 4,
    publicSignals: 1,
    domain: 8,
  },
  powersOfTau: { blake2b: '3'.repeat(128), power: 8, origin: null },
  rounds: [],
  contributions: [{ name: 'Ada', kind: 'contribution', hash: '4'.repeat(128), beacon: null }],
  key: { sha256: `0x${'5'.repeat(64)}`, vkDigest: `0x${'6'.repeat(64)}` },
};

test.each([
  [{ ...transcript, format: 'vouch-ceremony-2' }, 'none of vouch-ceremony-1'],
  [{ ...transcript, extra: 1 }, 'unknown field "extra"'],
  [{ ...transcript, circuit: { ...transcript.circuit, rows: -1 } }, '-1 is not a count'],
  [{ ...transcript, key: { ...transcript.key, vkDigest: '0x12' } }, 'not 32 bytes'],
  [{ ...transcript, contributions: [{ ...transcript.contributions[0], hash: 'xyz' }] }, 'not a hash'],
  [{ ...transcript, powersOfTau: { power: 8, origin: null } }, 'blake2b is missing'],
])('a malformed transcript is refused: %#', (json, message) => {
  expect(decodeTranscript(transcript)).toMatchObject({ circuit: { rows: 3 } });
  expect(() => decodeTranscript(json)).toThrow(message);
});
