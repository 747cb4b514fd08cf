import { VouchError } from '../../errors.ts';
import {
  asCount,
  asHex,
  asQuantity,
  type Block,
  type Log,
  MalformedAnswerError,
  parseBlock,
  parseLogs,
  parseReceipt,
  type Receipt,
} from './answers.ts';
import { type CallOptions, openRpc, RpcAnswerError, type RpcOptions } from './rpc.ts';

/** A chain as a client sees it: reads, and the broadcast of signed transactions. */
export interface Chain {
  readonly chainId: number;
  readonly origin: string;
  /** The latest block, or the one of this number; `undefined` where the node has none. */
  block(number?: number, options?: CallOptions): Promise<Block | undefined>;
  /** The next nonce of an account, at a block or counting what waits in the node's pool. */
  transactionCount(address: string, at: BlockTag, options?: CallOptions): Promise<number>;
  balanceWei(address: string, options?: CallOptions): Promise<bigint>;
  code(address: string, options?: CallOptions): Promise<string>;
  receipt(hash: string, options?: CallOptions): Promise<Receipt | undefined>;
  /** Whether the node has the transaction, mined or not. */
  knows(hash: string, options?: CallOptions): Promise<boolean>;
  logs(filter: LogFilter, options?: CallOptions): Promise<Log[]>;
  /** What a call returns. Rejects with CallRevertedError where the contract reverts. */
  call(call: Call, options?: CallOptions & { readonly at?: BlockTag }): Promise<string>;
  estimateGas(call: Call, options?: CallOptions): Promise<bigint>;
  gasPriceWei(options?: CallOptions): Promise<bigint>;
  /** The tip the node proposes, or `undefined` where it proposes none. */
  priorityFeeWei(options?: CallOptions): Promise<bigint | undefined>;
  /** Hands over a signed transaction. Rejects with RpcAnswerError where the node refuses it. */
  broadcast(raw: string, options?: CallOptions): Promise<void>;
}

export type BlockTag = number | 'latest' | 'pending';

export interface Call {
  readonly from?: string;
  readonly to?: string;
  readonly data: string;
  readonly valueWei?: bigint;
}

export interface LogFilter {
  readonly address: string;
  readonly topics: readonly (string | readonly string[] | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

/**
 * Connects to a node and asks which chain it is on. Requests that got lost are repeated, with a limit.
 *
 *     const chain = await openChain('http://127.0.0.1:8545', { attempts: 5, signal });
 *     const head = await chain.block();
 */
export async function openChain(url: string, options: RpcOptions & CallOptions = {}): Promise<Chain> {
  const { origin, request } = openRpc(url, options);
  const chainId = asCount(await request('eth_chainId', [], options), 'eth_chainId');
  const ask = request;
  return {
    chainId,
    origin,
    async block(number, o) {
      const answer = await ask('eth_getBlockByNumber', [number === undefined ? 'latest' : hex(number), false], o);
      return answer === null ? undefined : parseBlock(answer);
    },
    async transactionCount(address, at, o) {
      return asCount(await ask('eth_getTransactionCount', [address, tag(at)], o), 'eth_getTransactionCount');
    },
    async balanceWei(address, o) {
      return asQuantity(await ask('eth_getBalance', [address, 'latest'], o), 'eth_getBalance');
    },
    async code(address, o) {
      return asHex(await ask('eth_getCode', [address, 'latest'], o), 'eth_getCode');
    },
    async receipt(hash, o) {
      const answer = await ask('eth_getTransactionReceipt', [hash], o);
      return answer === null ? undefined : parseReceipt(answer);
    },
    async knows(hash, o) {
      return (await ask('eth_getTransactionByHash', [hash], o)) !== null;
    },
    async logs({ address, topics, fromBlock, toBlock }, o) {
      const filter = { address, topics, fromBlock: hex(fromBlock), toBlock: hex(toBlock) };
      return parseLogs(await ask('eth_getLogs', [filter], o));
    },
    async call(call, { at = 'latest', ...o } = {}) {
      return asHex(await withReverts(ask('eth_call', [callJson(call), tag(at)], o)), 'eth_call');
    },
    async estimateGas(call, o) {
      return asQuantity(await withReverts(ask('eth_estimateGas', [callJson(call)], o)), 'eth_estimateGas');
    },
    async gasPriceWei(o) {
      return asQuantity(await ask('eth_gasPrice', [], o), 'eth_gasPrice');
    },
    async priorityFeeWei(o) {
      try {
        return asQuantity(await ask('eth_maxPriorityFeePerGas', [], o), 'eth_maxPriorityFeePerGas');
      } catch (error) {
        if (error instanceof RpcAnswerError || error instanceof MalformedAnswerError) return undefined;
        throw error;
      }
    },
    async broadcast(raw, o) {
      await ask('eth_sendRawTransaction', [raw], o);
    },
  };
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const tag = (at: BlockTag): string => (typeof at === 'number' ? hex(at) : at);

function callJson({ from, to, data, valueWei }: Call): object {
  return { from, to, data, ...(valueWei === undefined ? {} : { value: hex(valueWei) }) };
}

async function withReverts(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    const reverted = error instanceof RpcAnswerError && (error.code === 3 || /revert/i.test(error.reason));
    throw reverted ? new CallRevertedError(error) : error;
  }
}

/** A contract refused a call. */
export class CallRevertedError extends VouchError {
  override readonly name = 'Evm.CallRevertedError';
  /** What it reverted with, in hex. */
  readonly data: string;

  constructor(cause: RpcAnswerError) {
    super(`The contract refused the call: ${cause.reason}.`, { cause });
    this.data = cause.data ?? '0x';
  }
}

/** The node has no latest block. */
export class NoBlockError extends VouchError {
  override readonly name = 'Evm.NoBlockError';

  constructor() {
    super('The node has no block yet.', { metaMessages: ['Wait until it has synchronised.'] });
  }
}
