import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { loadArtifact } from '../../src/evm/artifacts.ts';

test('the committed artifacts are what the pinned compiler makes of the sources', () => {
  expect(() => execFileSync('node', ['contracts/build.mjs', '--check'], { stdio: 'pipe' })).not.toThrow();
});

test('a whole verifier stays below 6 KB of code for a model of usual size', () => {
  const { bytecode } = loadArtifact('ModelVerifierDeployment');
  expect(bytecode.length / 2).toBeLessThan(3 * 1024);
});
