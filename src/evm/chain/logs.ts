import type { Log } from './answers.ts';
import type { Chain, LogFilter } from './chain.ts';
import { type CallOptions, RpcAnswerError } from './rpc.ts';

/** What most providers allow at once. */
const MAX_RANGE = 5_000;

/** Logs of any range of blocks, in pieces; a piece that the node refuses as too large is halved. */
export async function readLogs(chain: Chain, filter: LogFilter, options?: CallOptions): Promise<Log[]> {
  const logs: Log[] = [];
  let range = MAX_RANGE;
  let from = filter.fromBlock;
  while (from <= filter.toBlock) {
    const to = Math.min(filter.toBlock, from + range - 1);
    try {
      logs.push(...(await chain.logs({ ...filter, fromBlock: from, toBlock: to }, options)));
      from = to + 1;
    } catch (error) {
      if (!(error instanceof RpcAnswerError) || to === from) throw error;
      range = Math.ceil((to - from + 1) / 2);
    }
  }
  return logs;
}
