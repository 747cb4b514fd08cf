import { Buffer } from 'node:buffer';
import { fetchCode, verifierCode } from '../evm/verifier-code.ts';
import { keccak } from '../verify/evm-words.ts';
import { encodeLayout } from '../verify/layout.ts';
import type { ModelFile } from '../verify/model-file.ts';
import { type AuditCheck, fails, holds } from './check.ts';

/** Whether the contract at an address is the verifier of this model and nothing else. */
export async function auditCode(file: ModelFile, address: string, rpc: string): Promise<AuditCheck> {
  const { code, chainId } = await fetchCode(rpc, address);
  const { runtime, data } = verifierCode({ ...file, layout: encodeLayout(file.layout) });
  const name = 'deployed code';
  const where = `${address} on chain ${chainId}`;
  const same = (bytes: Uint8Array, expected: Uint8Array) => Buffer.compare(bytes, expected) === 0;
  if (code.length === 0) return fails(name, `there is no code at ${where}`);
  if (same(code, Buffer.concat([runtime, data]))) {
    return holds(name, `${code.length} bytes at ${where}, keccak ${keccak(code).slice(0, 18)}…`);
  }
  if (!same(code.subarray(0, runtime.length), runtime)) {
    return fails(name, `${where} is another program: keccak ${keccak(code)}`);
  }
  return fails(name, `${where} is a verifier, but with the data of another model`);
}
