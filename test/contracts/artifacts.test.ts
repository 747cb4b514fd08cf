import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';

const build = (mode: string) => () => execFileSync('node', ['contracts/build.mjs', mode], { stdio: 'pipe' });

test('the committed artifacts belong to the committed sources', () => {
  expect(build('--digests')).not.toThrow();
});

test.runIf(process.env.VOUCH_HEAVY)('the pinned compiler makes the committed artifacts again', () => {
  expect(build('--check')).not.toThrow();
});

test('the code of every contract leaves room below the limit of the chain', () => {
  const size = (name: string): number => loadArtifact(name).bytecode.length / 2 - 1;
  // The verifier's data comes on top: 896 bytes, 64 per signal and the layout.
  expect(size('ModelVerifier')).toBeLessThan(3 * 1024);
  expect(size('InferenceHub')).toBeLessThan(24_576);
});
