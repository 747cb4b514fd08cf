import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { encryptKeystoreJsonSync, Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addCompile } from '../../src/cli/commands/compile.ts';
import { addDeploy } from '../../src/cli/commands/deploy.ts';
import { addProve } from '../../src/cli/commands/prove.ts';
import { addRequest } from '../../src/cli/commands/request.ts';
import { addSetup } from '../../src/cli/commands/setup.ts';
import { addSubmit } from '../../src/cli/commands/submit.ts';
import { addWatch } from '../../src/cli/commands/watch.ts';
import { accountFromKey, accountFromKeystore } from '../../src/evm/sender/account.ts';
import { runInProcess } from '../cli/in-process.ts';
import { MAIN, writeTinyModel } from '../keys/tiny-model.ts';
import { type DevNode, startDevNode } from './dev-node.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Random, so that what the output must not hold cannot be there for another reason. */
const wallet = Wallet.createRandom();
const password = 'correct horse battery staple 8151';
const secrets = [wallet.privateKey, wallet.privateKey.slice(2), BigInt(wallet.privateKey).toString(), password];

const folder = mkdtempSync(join(tmpdir(), 'vouch-chain-cli-'));
const at = (name: string) => join(folder, name);
const model = at('model.vouch');
let node: DevNode;
let printed = '';

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user does; everything it prints is kept for the last test. */
function spawnVouch(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onError = (_text: string, _pid: number) => {},
) {
  return new Promise<Run>((resolve) => {
    const child = spawn(process.execPath, [...MAIN, ...args], { env: { ...process.env, ...env } });
    const written = { stdout: '', stderr: '' };
    child.stdin.end();
    child.stdout.on('data', (text: Buffer) => {
      written.stdout += text;
    });
    child.stderr.on('data', (text: Buffer) => {
      written.stderr += text;
      onError(written.stderr, child.pid ?? 0);
    });
    child.once('close', (code) => {
      printed += written.stdout + written.stderr;
      resolve({ code, ...written });
    });
  });
}

/** The same in this process, which is faster. */
async function vouch(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  Object.assign(process.env, env);
  const commands = [addCompile, addSetup, addDeploy, addRequest, addProve, addSubmit, addWatch];
  const run = await runInProcess(commands, ...args);
  printed += run.stdout + run.stderr;
  // Whatever a command starts does not inherit them.
  expect(Object.keys(env).filter((name) => process.env[name] !== undefined)).toEqual([]);
  return run;
}

async function vouchJson(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await vouch([...args, '--json', '--rpc', node.url], env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

const paying = { VOUCH_PRIVATE_KEY: wallet.privateKey };

beforeAll(async () => {
  node = await startDevNode();
  await node.ask('anvil_setBalance', wallet.address, '0xde0b6b3a7640000');
  writeFileSync(
    at('key.json'),
    encryptKeystoreJsonSync({ address: wallet.address, privateKey: wallet.privateKey }, password, {
      scrypt: { N: 1 << 10 },
    }),
  );
  writeFileSync(at('input.json'), JSON.stringify({ x: [[0.5, 0.25]] }));
  const compiled = await vouch(['compile', writeTinyModel(at('tiny.onnx')), '-o', model, '--input', 'x=public']);
  expect(compiled).toMatchObject({ code: 0 });
  expect(await vouch(['setup', model, '--insecure-dev'])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await node.stop();
  rmSync(folder, { recursive: true });
});

test('a model is deployed, asked for, and answered by a node and by hand', async () => {
  const { hub, modelId } = await vouchJson(['deploy', model, '--hub', 'new', '--yes'], paying);
  const input = ['-i', at('input.json'), '--hub', hub, '--yes'];
  const asked = await vouchJson(['request', model, ...input, '--fee', '0.001'], paying);
  const state = at('watch.json');
  const locked = { VOUCH_KEYSTORE_PASSWORD: password };
  const serving = ['watch', model, '--hub', hub, '--state', state, '--keystore', at('key.json'), '--workers', '1'];
  const served = await spawnVouch([...serving, '--once', '--json', '--rpc', node.url], locked);
  expect(JSON.parse(served.stdout)).toMatchObject({ fulfilled: 1, failed: 0 });
  expect(readFileSync(state, 'utf8')).toContain(asked.request);

  const byHand = await vouchJson(['request', model, ...input, '--prover', wallet.address], paying);
  const proof = at('proof.json');
  const made = await vouch(['prove', model, '-i', at('input.json'), '-o', proof, '--binding', byHand.binding]);
  expect(made).toMatchObject({ code: 0 });
  const target = ['--hub', hub, '--request', byHand.request];
  const unasked = await vouch(['submit', proof, '-k', model, ...target, '--rpc', node.url], paying);
  expect(unasked).toMatchObject({ code: 2 });
  expect(unasked.stderr).toMatch(/execution [\d,]+ gas, calldata [\d,]+ bytes.* gwei [\d.]+ ETH[\s\S]*no terminal/);
  const submitted = await vouchJson(['submit', proof, '-k', model, ...target, '--yes'], paying);
  expect(Number(submitted.cost.executionGas)).toBeGreaterThan(180_000);
  const answer = await vouch(['submit', proof, '-k', model, '--hub', hub, '--rpc', node.url, '--yes'], paying);
  expect(answer.stdout).toContain('the contract accepted the proof');
  expect(modelId).toMatch(/^0x[0-9a-f]{64}$/);
});

test('a node on a chain of its own stops at Ctrl-C and takes the chain with it', async () => {
  let url = '';
  let stopped = false;
  const { code, stdout, stderr } = await spawnVouch(['watch', model, '--state', at('own.json')], {}, (text, pid) => {
    url ||= /node (http:\S+),/.exec(text)?.[1] ?? '';
    // A second one would end it without a word.
    if (stopped || !/following from block/.test(text)) return;
    stopped = true;
    process.kill(pid, 'SIGINT');
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('fulfilled 0');
  expect(url).toMatch(/^http:\/\/127/);
  await expect(fetch(url)).rejects.toThrow();
});

test('without a node, a request is rehearsed to its answer', async () => {
  const { code, stdout } = await vouch(['request', model, '-i', at('input.json')]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/answered by 0x[\s\S]*y = \[[\s\S]*has ended/);
});

test('keys are refused without being repeated, and are in no output', async () => {
  const deploy = ['deploy', model, '--yes', '--rpc'];
  const bad = { VOUCH_PRIVATE_KEY: `${wallet.privateKey}ff` };
  expect(await vouch([...deploy, node.url], bad)).toMatchObject({ code: 2 });
  const keystore = [...deploy, node.url, '--keystore', at('key.json')];
  expect((await vouch(keystore, { VOUCH_KEYSTORE_PASSWORD: `${password}!` })).stderr).toContain('password is wrong');
  expect((await vouch([...deploy, node.url])).stderr).toContain('No key was given');
  const account = accountFromKey(wallet.privateKey);
  printed += inspect(account, { depth: 9, showHidden: true }) + JSON.stringify(account);
  printed += inspect(await accountFromKeystore(at('key.json'), password), { depth: 9, showHidden: true });
  for (const secret of secrets) expect(printed.includes(secret)).toBe(false);
});
