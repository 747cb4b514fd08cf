import { JsonRpcProvider } from 'ethers';
import { startLocalChain } from '../../src/evm/anvil.ts';

/** What asks a chain of the test's own; closing it ends the chain. */
export interface LocalSession {
  readonly provider: JsonRpcProvider;
  close(): Promise<void>;
}

export async function openLocalSession(options: { readonly chainId?: number } = {}): Promise<LocalSession> {
  const chain = await startLocalChain(options);
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  return {
    provider,
    async close() {
      provider.destroy();
      await chain.stop();
    },
  };
}
