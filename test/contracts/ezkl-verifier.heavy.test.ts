import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interface, type JsonRpcProvider, NonceManager } from 'ethers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { diagnose } from '../../src/backend/ezkl/doctor.ts';
import { findTool } from '../../src/backend/ezkl/find-tool.ts';
import { fromEzklJson } from '../../src/backend/ezkl/proof-file.ts';
import { readEzklJson } from '../../src/backend/ezkl/settings.ts';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { compileEzklVerifier } from '../../src/evm/ezkl/contract.ts';
import { type DeployedEzkl, deployEzkl } from '../../src/evm/ezkl/deploy.ts';
import { type EzklStatement, encodeEzklCalldata, encodeEzklVerifierCalldata } from '../../src/evm/ezkl/statement.ts';
import { type LocalSession, openLocalSession } from '../evm/session.ts';
import { revertData } from './test-chain.ts';

const { used, required } = await diagnose();
const skipped = used === undefined ? ` (skipped: EZKL ${required} is not installed; vouch backend install ezkl)` : '';
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe.runIf(used !== undefined)(`the contract that EZKL writes${skipped}`, () => {
  const vectors = new URL('../vectors/ezkl/', import.meta.url).pathname;
  const folder = mkdtempSync(join(tmpdir(), 'vouch-ezkl-'));
  let session: LocalSession | undefined;
  let provider: JsonRpcProvider;
  let statement: EzklStatement;
  let deployed: DeployedEzkl;

  /** A small model with the settings of the vectors, through every call of EZKL's. */
  async function makeContract(): Promise<string> {
    const ezkl = await findTool();
    const at = (name: string) => join(folder, name);
    const [model, settings_path] = [join(vectors, 'model.onnx'), join(vectors, '23.0.5/settings.json')];
    const [circuit, srs_path, vk_path, pk_path] = [at('circuit'), join(vectors, 'kzg8.srs'), at('vk'), at('pk')];
    await ezkl.call('compile_circuit', { model, compiled_circuit: circuit, settings_path });
    const keys = { vk_path, pk_path, srs_path, witness_path: null, disable_selector_compression: false };
    await ezkl.call('setup', { model: circuit, ...keys });
    const [data, witness] = [join(vectors, '21.0.0/input.json'), at('witness.json')];
    await ezkl.call('gen_witness', { data, model: circuit, output: witness, vk_path: null, srs_path: null });
    await ezkl.call('prove', { witness, model: circuit, pk_path, proof_path: at('proof.json'), srs_path });
    const { proof, instances } = fromEzklJson(await readEzklJson(at('proof.json')));
    statement = { proof, signals: instances };
    // It writes the source, then looks for a compiler.
    const contract = { vk_path, settings_path, sol_code_path: at('v.sol'), abi_path: at('v.abi'), srs_path };
    await ezkl.call('create_evm_verifier', { ...contract, reusable: false }).catch(() => {});
    await ezkl.close();
    return readFileSync(at('v.sol'), 'utf8');
  }

  beforeAll(async () => {
    session = await openLocalSession();
    provider = session.provider;
    const verifier = await compileEzklVerifier(await makeContract());
    const { proof, signals } = statement;
    const modelDigest = `0x${'5a'.repeat(32)}` as const;
    const model = {
      verifier,
      proofBytes: proof.length,
      signals: signals.length,
      modelDigest,
      trust: 'insecure-dev',
    } as const;
    deployed = await deployEzkl(new NonceManager(await provider.getSigner()), model);
  });
  afterAll(async () => {
    await session?.close();
    rmSync(folder, { recursive: true });
  });

  const adapter = new Interface(loadArtifact('EzklAdapter').abi);

  /** True, false, or the name of the error; `reverted` without one. */
  async function verdict(to: string, data: string, gas = 2 ** 24): Promise<unknown> {
    try {
      return BigInt(await provider.send('eth_call', [{ to, data, gas: `0x${gas.toString(16)}` }, 'latest'])) === 1n;
    } catch (error) {
      const data = revertData(error);
      return data === undefined || data === '0x' ? 'reverted' : (adapter.parseError(data)?.name ?? data);
    }
  }

  test('the adapter accepts the proof, and what it reverts for is false', async () => {
    const { proof, signals } = statement;
    const ask = (changes: Partial<EzklStatement>) =>
      verdict(deployed.adapter.address, encodeEzklCalldata({ ...statement, ...changes }));
    expect(await ask({})).toBe(true);
    const flipped = (at: number) => ({ proof: proof.map((byte, i) => (i === at ? byte ^ 1 : byte)) });
    for (let at = 31; at < proof.length; at += 32 * 13) {
      expect(await ask(flipped(at)), `byte ${at}`).toBe(false);
      const direct = encodeEzklVerifierCalldata({ ...statement, ...flipped(at) });
      expect(await verdict(deployed.verifier.address, direct)).toBe('reverted');
    }
    expect(await ask({ signals: [...signals.slice(0, -1), 1n] })).toBe(false);
    expect(await ask({ proof: new Uint8Array(proof.length) })).toBe(false);
    expect(await ask({ proof: proof.slice(32) })).toBe('MalformedProof');
  });

  test('calldata in another form, which it takes or not at will, never reaches it', async () => {
    const { proof, signals } = statement;
    const word = (value: bigint | number) => value.toString(16).padStart(64, '0');
    const bytes = Buffer.from(proof).toString('hex');
    // Two copies of the proof: one where the contract computes, another where the calldata says that the proof is.
    const list = [signals.length, ...signals].map(word).join('');
    const [listAt, copyAt] = [96 + proof.length, 96 + proof.length + 32 * (1 + signals.length)];
    const noncanonical = (copy: string) =>
      `${word(copyAt)}${word(listAt)}${word(proof.length)}${bytes}${list}${word(proof.length)}${copy}`;
    const selectorOf = (data: string) => data.slice(0, 10);
    const direct = (copy: string) =>
      verdict(deployed.verifier.address, `${selectorOf(encodeEzklVerifierCalldata(statement))}${noncanonical(copy)}`);
    const through = (copy: string) =>
      verdict(deployed.adapter.address, `${selectorOf(encodeEzklCalldata(statement))}${noncanonical(copy)}`);
    // It is convinced by calldata whose proof lies elsewhere than where it computes.
    expect(await direct(bytes)).toBe(true);
    expect(await through(bytes)).toBe(true);
    // The adapter hands over the proof that the calldata declares, and no other.
    const other = Buffer.from(proof);
    other[proof.length - 1] ^= 1;
    expect(await through(other.toString('hex'))).toBe(false);
  });

  test('no gas limit makes a right proof wrong or a wrong one right', async () => {
    const right = encodeEzklCalldata(statement);
    const [first, ...rest] = statement.signals;
    const wrong = encodeEzklCalldata({ ...statement, signals: [first + 1n, ...rest] });
    const limits = Array.from({ length: 160 }, (_, i) => 100_000 + 8_000 * i);
    const answers = async (data: string) =>
      new Set(await Promise.all(limits.map((gas) => verdict(deployed.adapter.address, data, gas))));
    const [toRight, toWrong] = [await answers(right), await answers(wrong)];
    expect(toRight).toContain(true);
    expect(toRight).not.toContain(false);
    // Its last step fails for want of gas, and what is left suffices to revert as for a wrong proof.
    expect(toRight).toContain('VerifierStarved');
    expect(toWrong).toContain(false);
    expect(toWrong).not.toContain(true);
  });
});
