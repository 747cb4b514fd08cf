import { VouchError } from '../../errors.ts';
import type { Receipt } from '../chain/answers.ts';
import { type Call, CallRevertedError, type Chain } from '../chain/chain.ts';
import { TransactionRevertedError } from '../chain/revert.ts';
import { refusalOf } from './refusal.ts';

/** The most gas that one transaction may have since Osaka (EIP-7825). */
const MAX_TRANSACTION_GAS = 1n << 24n;

/** Runs a call on the node's state; the gas limit it should be sent with. Rejects where it would revert. */
export async function simulate(chain: Chain, from: string, call: Call, signal?: AbortSignal): Promise<bigint> {
  try {
    const gas = await chain.estimateGas({ ...call, from }, { signal });
    // A fifth more: storage may have changed by the time it is mined.
    const roomy = gas + gas / 5n;
    return roomy > MAX_TRANSACTION_GAS && gas <= MAX_TRANSACTION_GAS ? MAX_TRANSACTION_GAS : roomy;
  } catch (error) {
    if (error instanceof CallRevertedError) throw new TransactionRevertedError(error.data, undefined, error);
    if (refusalOf(error) === 'no-funds') throw new InsufficientFundsError(from, chain.chainId, error);
    throw error;
  }
}

/** Why a mined transaction failed: the call repeated on the state before its block, which is nearly what it saw. */
export async function failureOf(
  chain: Chain,
  from: string,
  call: Call,
  { transactionHash, blockNumber }: Receipt,
): Promise<TransactionRevertedError> {
  try {
    await chain.call({ ...call, from }, { at: blockNumber - 1 });
  } catch (error) {
    const data = error instanceof CallRevertedError ? error.data : '0x';
    return new TransactionRevertedError(data, transactionHash, error);
  }
  return new TransactionRevertedError('0x', transactionHash);
}

export class InsufficientFundsError extends VouchError {
  override readonly name = 'Evm.InsufficientFundsError';

  constructor(address: string, chainId: number, cause: unknown) {
    super(`The account ${address} cannot pay for the transaction.`, {
      metaMessages: [`Send it funds on chain ${chainId}, or lower the fee limit.`],
      cause,
    });
  }
}
