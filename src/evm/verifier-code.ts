import { getBytes } from 'ethers';
import { loadArtifact } from './artifacts.ts';
import { openChain } from './chain/chain.ts';
import { encodeModelData, type VerifierModel } from './model-data.ts';

/** The code that a model's verifier has on chain: the runtime that all models share, then the model's data. */
export function verifierCode(model: VerifierModel): { readonly runtime: Uint8Array; readonly data: Uint8Array } {
  return { runtime: getBytes(loadArtifact('ModelVerifier').deployedBytecode), data: encodeModelData(model) };
}

/** The code at an address, and the chain that was asked. */
export async function fetchCode(rpc: string, address: string): Promise<{ code: Uint8Array; chainId: bigint }> {
  const chain = await openChain(rpc);
  return { code: getBytes(await chain.code(address)), chainId: BigInt(chain.chainId) };
}
