import { VouchError } from '../../errors.ts';
import { RpcAnswerError } from '../chain/rpc.ts';

/**
 * Why a node did not take a transaction. The protocol has no codes for it, so the texts of geth, reth, nethermind,
 * besu, erigon and anvil are told apart.
 */
export type Refusal = 'known' | 'nonce-used' | 'nonce-taken' | 'fee-too-low' | 'no-funds' | 'other';

const PATTERNS: readonly (readonly [Refusal, RegExp])[] = [
  // First, because it also speaks of gas and price.
  ['no-funds', /insufficient (funds|balance)|upfront cost|insufficientfunds/i],
  ['known', /already known|already imported|known transaction|already exists|alreadyknown/i],
  ['nonce-taken', /replacement|underpriced.*nonce|nonce.*underpriced|replacementnotallowed/i],
  ['nonce-used', /nonce.*too low|nonce too low|oldnonce|invalid nonce|nonce has already/i],
  ['fee-too-low', /base ?fee|fee cap|underpriced|fee too low|feetoolow|gas price/i],
];

/** The kind of refusal, or `undefined` for an error that is none. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof RpcAnswerError)) return undefined;
  return PATTERNS.find(([, pattern]) => pattern.test(error.reason))?.[0] ?? 'other';
}

/**
 * The node did not take the transaction. That never counts as final: the protocol has no codes, and the same words stand
 * for a pool that is full and for a limit of this node. Who tries again should wait longer each time.
 */
export class TransactionRefusedError extends VouchError {
  override readonly name = 'Evm.TransactionRefusedError';
  /** What the node says, word for word. */
  readonly reason: string;

  constructor(cause: unknown) {
    const reason = cause instanceof RpcAnswerError ? cause.reason : String(cause);
    super('The node refused the transaction.', { metaMessages: [reason], cause });
    this.reason = reason;
  }
}
