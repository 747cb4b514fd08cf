import { MalformedAnswerError } from './answers.ts';
import { NoBlockError } from './chain.ts';
import { RpcAnswerError, RpcUnavailableError } from './rpc.ts';

/**
 * Whether the fault is the node's and may pass: it is away, talks nonsense, or is a replica that lags behind the one
 * that answered before. Only for reads, where a refusal says nothing about what was asked.
 */
export function isNodeTrouble(error: unknown): boolean {
  return (
    error instanceof RpcUnavailableError ||
    error instanceof RpcAnswerError ||
    error instanceof MalformedAnswerError ||
    error instanceof NoBlockError
  );
}
