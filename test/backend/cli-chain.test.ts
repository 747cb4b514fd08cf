import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAddress, JsonRpcProvider, keccak256 } from 'ethers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeEzklManifest } from '../../src/backend/ezkl/manifest.ts';
import { openEzklFolder } from '../../src/backend/ezkl/model-folder.ts';
import { EzklRefusedError } from '../../src/backend/ezkl/tool.ts';
import { openEzklVerifier } from '../../src/backend/ezkl/verifier-model.ts';
import { readProofFile } from '../../src/backend/ezkl/verify.ts';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { addDeploy } from '../../src/cli/commands/deploy.ts';
import { type LocalChain, startLocalChain } from '../../src/evm/anvil.ts';
import { ezklAdapterAt, ezklAdapterId, verifyEzklOnChain } from '../../src/evm/ezkl/deploy.ts';
import { encodeEzklVerifierCalldata } from '../../src/evm/ezkl/statement.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { runInProcess } from '../cli/in-process.ts';
import { vouch, writeTinyModel } from '../keys/tiny-model.ts';
import { makeFakeEzkl, PROOF_BYTES } from './fake-ezkl.ts';

const folder = mkdtempSync(join(tmpdir(), 'vouch-backend-chain-'));
const at = (name: string) => join(folder, name);
const [model, proof] = [at('model.vouch'), at('proof.json')];
let node: LocalChain;
let provider: JsonRpcProvider;

/** A contract of the form that EZKL writes, which accepts what the stand-in of EZKL proves. */
const madeProof = Uint8Array.from({ length: PROOF_BYTES }, (_, i) => i);
const accepted = keccak256(encodeEzklVerifierCalldata({ proof: madeProof, signals: [5n] }));
const contract = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
// EZKL's compares eq(0x${PROOF_BYTES.toString(16)}, proof.length).
contract Halo2Verifier {
  function verifyProof(bytes calldata, uint256[] calldata) public returns (bool) {
    if (keccak256(msg.data) != ${accepted}) assembly { revert(0, 0) }
    return true;
  }
}`;

const ezkl = makeFakeEzkl({
  create_evm_verifier: ({ sol_code_path }) => {
    writeFileSync(sol_code_path, contract);
    throw new EzklRefusedError('create_evm_verifier', '[eth] svm error: error sending request');
  },
});

beforeAll(async () => {
  process.env.XDG_CACHE_HOME = at('cache');
  const backend = createEzkl({ openTool: async () => ezkl });
  await backend.compile({ onnx: writeTinyModel(at('tiny.onnx')), directory: model });
  await backend.setup({ directory: model });
  await backend.prove({ directory: model, sample: new Map([['x', Float64Array.of(0.5, 0.25)]]), output: proof });
  node = await startLocalChain();
  provider = new JsonRpcProvider(node.url, node.chainId, { staticNetwork: true });
});
afterAll(async () => {
  provider.destroy();
  await node.stop();
  rmSync(folder, { recursive: true });
});

const deploy = (...args: string[]) => runInProcess([addDeploy], 'deploy', model, ...args, '--quiet');

test('deploy puts contract and adapter on chain, and names what consumers pin', async () => {
  const { code, stdout, stderr } = await deploy('--rpc', node.url, '--dev-account', '0', '--yes', '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const deployed = JSON.parse(stdout);
  const own = await openEzklVerifier(model);
  expect(deployed).toMatchObject({ chainId: 31337, trust: 'insecure-dev', embedded: false });
  expect(deployed).toMatchObject({ modelId: ezklAdapterId(own), modelDigest: own.modelDigest });
  const { proof: bytes, instances, modelId } = await readProofFile(proof);
  expect(deployed.modelDigest).toBe(modelId);
  const ask = (name: string): Promise<unknown> => ezklAdapterAt(deployed.adapter, provider).getFunction(name)();
  expect(await ask('modelId')).toBe(deployed.modelId);
  expect(await ask('modelDigest')).toBe(modelId);
  expect(await ask('verifier')).toBe(getAddress(deployed.verifier));
  expect([await ask('proofBytes'), await ask('signalCount'), await ask('trust')]).toEqual([64n, 1n, 0n]);
  const verify = (signals: readonly bigint[]) =>
    verifyEzklOnChain(provider, deployed.adapter, { proof: bytes, signals });
  expect(await verify(instances)).toBe(true);
  expect(await verify([toScalar(6n)])).toBe(false);
});

test('what an adapter is named by changes with each part of the model', async () => {
  const own = await openEzklVerifier(model);
  const { verifier } = own;
  const others = [
    { ...own, verifier: { ...verifier, deployedBytecode: `${verifier.deployedBytecode}00` } },
    { ...own, proofBytes: 96 },
    { ...own, signals: 2 },
    { ...own, modelDigest: `0x${'1'.repeat(64)}` as const },
    { ...own, trust: 'ceremony' as const },
  ];
  expect(new Set([own, ...others].map(ezklAdapterId)).size).toBe(6);
});

test('without a node, deploy is a rehearsal', async () => {
  const { code, stdout } = await deploy('--yes', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ embedded: true, modelId: ezklAdapterId(await openEzklVerifier(model)) });
});

test.each([
  [['--hub', 'new'], '--hub got "new"'],
  [['--uri', 'ipfs://x'], '--uri got "ipfs://x"'],
])('deploy %j is refused', async (args, message) => {
  const { code, stderr } = await deploy(...args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('deploy refuses a contract that is not the one of the setup, and a model without keys', async () => {
  const path = join(model, 'verifier.sol');
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, source.replace('revert(0, 0)', 'return(0, 0)'));
  const changed = await deploy('--yes');
  expect(changed.stderr).toContain('verifier.sol" is not the file the manifest names');
  expect(changed.code).toBe(2);
  writeFileSync(path, source);
  const { manifest } = await openEzklFolder(model);
  const bare = at('bare.vouch');
  mkdirSync(bare);
  writeFileSync(join(bare, 'manifest.json'), encodeEzklManifest({ ...manifest, keys: null }));
  const keyless = await runInProcess([addDeploy], 'deploy', bare, '--yes', '--quiet');
  expect(keyless.stderr).toContain('has no keys');
});

/** Stands in for the npm package: accepts the proof above, and says of any other what the real one says. */
const engine = `
exports.genWitness = exports.prove = () => new Uint8Array();
exports.verify = (bytes, key, settings, srs) => {
  const { instances, proof, transcript_type: transcript } = JSON.parse(new TextDecoder().decode(bytes));
  if (key.length === 0 || settings.length === 0 || srs.length === 0 || transcript !== 'EVM') throw new Error('no files');
  const whole = proof.length === ${PROOF_BYTES} && proof.every((byte, i) => byte === i);
  if (whole && instances[0][0].startsWith('05')) return true;
  throw new Error('Verification failed: The constraint system is not satisfied');
};`;

/** Without EZKL on the machine, and with this version of the engine where Node looks for packages. */
async function verifyWithEngine(file: string, version: string | undefined, ...more: string[]) {
  const place = mkdtempSync(at('packages-'));
  const inside = join(place, '@ezkljs', 'engine');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'index.js'), engine);
  if (version !== undefined) {
    writeFileSync(join(inside, 'package.json'), JSON.stringify({ name: '@ezkljs/engine', version, main: 'index.js' }));
  }
  vi.stubEnv('NODE_PATH', place);
  const run = await vouch('verify', file, '-k', model, '--engine', '--quiet', ...more);
  vi.unstubAllEnvs();
  return run;
}

test('verify --engine tells a proof from a changed one', async () => {
  const { code, stdout } = await verifyWithEngine(proof, 'v21.0.0', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    valid: true,
    backend: 'ezkl',
    outputs: [{ name: 'y', values: [0.3125] }],
  });
  expect(code).toBe(0);
  const changed = at('changed.json');
  const file = JSON.parse(readFileSync(proof, 'utf8'));
  writeFileSync(changed, JSON.stringify({ ...file, instances: ['6'], values: { y: [0.375] } }));
  const verdict = await verifyWithEngine(changed, 'v21.0.0');
  expect(verdict.stdout).toContain("the proof does not hold: EZKL's engine 21.0.0 does not accept it");
  expect(verdict.code).toBe(1);
});

test.each([
  [undefined, '@ezkljs/engine is not installed; get it with: npm install @ezkljs/engine@21.0.0'],
  ['20.2.7', '@ezkljs/engine is of EZKL 20.2.7, not 21.0.0'],
])('verify --engine with %s of it is one sentence', async (version, message) => {
  const { code, stdout, stderr } = await verifyWithEngine(proof, version);
  expect(stderr).toContain(`error: ${message}`);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});
