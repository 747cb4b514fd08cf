import { randomInt } from 'node:crypto';
import type { Block } from '../chain/answers.ts';
import type { Chain } from '../chain/chain.ts';
import type { CallOptions } from '../chain/rpc.ts';

/** What a transaction offers per unit of gas. */
export type Fees =
  | { readonly kind: 'eip1559'; readonly maxFeeWei: bigint; readonly tipWei: bigint }
  | { readonly kind: 'legacy'; readonly gasPriceWei: bigint };

const DEFAULT_TIP_WEI = 1_000_000_000n;

/** A fee that outlives six full blocks in a row: twice the base fee, plus the tip that the node proposes. */
export async function estimateFees(chain: Chain, head: Block, options?: CallOptions): Promise<Fees> {
  if (head.baseFeeWei === undefined) return { kind: 'legacy', gasPriceWei: await chain.gasPriceWei(options) };
  const tipWei = (await chain.priorityFeeWei(options)) ?? DEFAULT_TIP_WEI;
  return { kind: 'eip1559', maxFeeWei: 2n * head.baseFeeWei + tipWei, tipWei };
}

/** The most that a unit of gas can cost. */
export function priceLimitWei(fees: Fees): bigint {
  return fees.kind === 'legacy' ? fees.gasPriceWei : fees.maxFeeWei;
}

/** Keeps fees below a limit of the user's. */
export function capFees(fees: Fees, limitWei: bigint | undefined): Fees {
  if (limitWei === undefined || priceLimitWei(fees) <= limitWei) return fees;
  if (fees.kind === 'legacy') return { kind: 'legacy', gasPriceWei: limitWei };
  return { kind: 'eip1559', maxFeeWei: limitWei, tipWei: least(fees.tipWei, limitWei) };
}

/**
 * The same fees less a few random wei. Without them two processes with one key would sign equal calls to one and the
 * same transaction, and both would count it as theirs.
 */
export function distinguishFees(fees: Fees): Fees {
  const less = BigInt(randomInt(1 << 16));
  if (fees.kind === 'legacy') return { ...fees, gasPriceWei: most(fees.gasPriceWei - less, 0n) };
  return { ...fees, maxFeeWei: most(fees.maxFeeWei - less, fees.tipWei) };
}

/**
 * Fees of a replacement: a quarter more than before in both parts (nodes ask for a tenth) and at least today's. Nothing
 * where the offer is already four times today's, because then the fee is not what the transaction waits for, or where
 * the limit does not allow a replacement.
 */
export function raiseFees(before: Fees, today: Fees, limitWei: bigint | undefined): Fees | undefined {
  const [offered, market] = [priceLimitWei(before), priceLimitWei(today)];
  if (offered >= 4n * market && market > 0n) return undefined;
  const raised: Fees =
    before.kind === 'legacy' || today.kind === 'legacy'
      ? { kind: 'legacy', gasPriceWei: most(quarterMore(offered), market) }
      : {
          kind: 'eip1559',
          maxFeeWei: most(quarterMore(before.maxFeeWei), today.maxFeeWei),
          tipWei: most(quarterMore(before.tipWei), today.tipWei),
        };
  return limitWei !== undefined && priceLimitWei(raised) > limitWei ? undefined : raised;
}

const quarterMore = (wei: bigint): bigint => wei + wei / 4n + 1n;
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
