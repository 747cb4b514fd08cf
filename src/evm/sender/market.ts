import type { Block } from '../chain/answers.ts';
import { type Chain, NoBlockError } from '../chain/chain.ts';
import { capFees, estimateFees, type Fees } from './fees.ts';

/** The head of the chain and what a transaction should offer now. */
export interface Market {
  readonly head: Block;
  readonly fees: Fees;
}

const MAX_AGE_MS = 1_000;

/** Asks for the market, at most once a second unless `fresh` is wanted. */
export function createMarket(chain: Chain, limitWei: bigint | undefined): (fresh?: 'fresh') => Promise<Market> {
  let last: { readonly at: number; readonly market: Promise<Market> } | undefined;
  const ask = async (): Promise<Market> => {
    const head = await headOf(chain);
    return { head, fees: capFees(await estimateFees(chain, head), limitWei) };
  };
  return (fresh) => {
    if (last === undefined || fresh !== undefined || Date.now() - last.at > MAX_AGE_MS) {
      const market = ask();
      last = { at: Date.now(), market };
      market.catch(() => {
        last = undefined;
      });
    }
    return last.market;
  };
}

/** The latest block, which every chain has. */
export async function headOf(chain: Chain): Promise<Block> {
  const head = await chain.block();
  if (head === undefined) throw new NoBlockError();
  return head;
}
