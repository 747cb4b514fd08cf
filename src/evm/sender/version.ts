import { Transaction } from 'ethers';
import { InternalError } from '../../errors.ts';
import type { Call, Chain } from '../chain/chain.ts';
import type { Account } from './account.ts';
import type { Fees } from './fees.ts';
import type { SentRecord, Version } from './pending.ts';

/** Signs a call under a nonce and fees. */
export async function signVersion(
  chain: Chain,
  account: Account,
  { call, gasLimit, nonce }: { readonly call: Call; readonly gasLimit: bigint; readonly nonce: number },
  { fees, block }: { readonly fees: Fees; readonly block: number },
): Promise<Version> {
  const price =
    fees.kind === 'legacy'
      ? { type: 0, gasPrice: fees.gasPriceWei }
      : { type: 2, maxFeePerGas: fees.maxFeeWei, maxPriorityFeePerGas: fees.tipWei };
  const { hash, raw } = await account.sign({
    chainId: chain.chainId,
    nonce,
    gasLimit,
    to: call.to ?? null,
    data: call.data,
    value: call.valueWei ?? 0n,
    ...price,
  });
  return { nonce, hash, raw, fees, sentAtBlock: block };
}

/** What an earlier process signed, read back from its bytes. */
export function readVersion(record: SentRecord): { version: Version; call: Call; gasLimit: bigint } {
  const { to, data, value, gasLimit, gasPrice, maxFeePerGas, maxPriorityFeePerGas, hash } = Transaction.from(
    record.raw,
  );
  if (hash !== record.hash) throw new InternalError(`the record of transaction ${record.hash} holds another one`);
  const fees: Fees =
    maxFeePerGas !== null && maxPriorityFeePerGas !== null
      ? { kind: 'eip1559', maxFeeWei: maxFeePerGas, tipWei: maxPriorityFeePerGas }
      : { kind: 'legacy', gasPriceWei: gasPrice ?? 0n };
  const call = { ...(to === null ? {} : { to }), data, valueWei: value };
  return { version: { ...record, fees, sentAtBlock: 0 }, call, gasLimit };
}
