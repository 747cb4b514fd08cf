import { getBytes } from 'ethers';
import { VouchError } from '../errors.ts';
import { loadArtifact } from './artifacts.ts';
import { encodeModelData, type VerifierModel } from './model-data.ts';

/** The code that a model's verifier has on chain: the runtime that all models share, then the model's data. */
export function verifierCode(model: VerifierModel): { readonly runtime: Uint8Array; readonly data: Uint8Array } {
  return { runtime: getBytes(loadArtifact('ModelVerifier').deployedBytecode), data: encodeModelData(model) };
}

/** The code at an address, and the chain that was asked. */
export async function fetchCode(rpc: string, address: string): Promise<{ code: Uint8Array; chainId: bigint }> {
  const [code, chainId] = [await call(rpc, 'eth_getCode', [address, 'latest']), await call(rpc, 'eth_chainId', [])];
  return { code: getBytes(code), chainId: BigInt(chainId) };
}

async function call(rpc: string, method: string, params: readonly unknown[]): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(rpc, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { result } = Object(await answer.json());
    if (typeof result === 'string' && /^0x[0-9a-f]*$/i.test(result) && result.length <= MAX_ANSWER) return result;
    throw new Error(`${method} was answered with status ${answer.status} and no hexadecimal result`);
  } catch (cause) {
    throw new NoAnswerError(rpc, cause);
  }
}

const TIMEOUT_MS = 30_000;
/** Far above the largest code of any chain. */
const MAX_ANSWER = 1 << 24;

/** The node cannot be asked. */
export class NoAnswerError extends VouchError {
  override readonly name = 'Evm.NoAnswerError';

  constructor(rpc: string, cause: unknown) {
    super(`The node at ${rpc} gave no answer: ${cause instanceof Error ? cause.message : cause}.`, {
      metaMessages: ['Check the address of the RPC server.'],
      cause,
    });
  }
}
