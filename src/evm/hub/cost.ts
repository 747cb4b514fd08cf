import type { Call, Chain } from '../chain/chain.ts';
import type { CallOptions } from '../chain/rpc.ts';
import { estimateFees, priceLimitWei } from '../sender/fees.ts';
import { headOf } from '../sender/market.ts';
import { simulate } from '../sender/simulate.ts';

/** What a transaction will cost, before it is sent. */
export interface Cost {
  readonly calldataBytes: number;
  /** Gas for the bytes of the transaction. */
  readonly calldataGas: bigint;
  /** Gas for what the contracts do; without the 21,000 of every transaction. */
  readonly executionGas: bigint;
  readonly totalGas: bigint;
  /** Base fee and tip at this moment. */
  readonly gasPriceWei: bigint;
  readonly costWei: bigint;
  /** The most that it can cost, at the fee it offers. */
  readonly limitWei: bigint;
}

const TRANSACTION_GAS = 21_000n;

/**
 * Runs a call on the node's state and prices it. Rejects with TransactionRevertedError where it would revert.
 *
 *     const { totalGas, costWei } = await estimateCost(chain, account.address, { to, data });
 */
export async function estimateCost(chain: Chain, from: string, call: Call, options: CallOptions = {}): Promise<Cost> {
  const gasLimit = await simulate(chain, from, call, options.signal);
  const totalGas = (gasLimit * 5n + 5n) / 6n;
  const head = await headOf(chain);
  const fees = await estimateFees(chain, head, options);
  const gasPriceWei = fees.kind === 'legacy' ? fees.gasPriceWei : (head.baseFeeWei ?? 0n) + fees.tipWei;
  const bytes = Buffer.from(call.data.slice(2), 'hex');
  const zeros = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const calldataGas = BigInt(4 * zeros + 16 * (bytes.length - zeros));
  return {
    calldataBytes: bytes.length,
    calldataGas,
    executionGas: totalGas - TRANSACTION_GAS - calldataGas,
    totalGas,
    gasPriceWei,
    costWei: totalGas * gasPriceWei + (call.valueWei ?? 0n),
    limitWei: gasLimit * priceLimitWei(fees) + (call.valueWei ?? 0n),
  };
}
