import { VouchError } from '../../errors.ts';

/** A log as a node reports it. */
export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  readonly contractAddress: string | undefined;
  readonly logs: readonly Log[];
}

export interface Block {
  readonly number: number;
  readonly hash: string;
  readonly timestamp: number;
  /** Absent on chains without EIP-1559. */
  readonly baseFeeWei: bigint | undefined;
}

const MAX_LOGS = 100_000;

export function asQuantity(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw new MalformedAnswerError(what);
  return BigInt(value);
}

export function asCount(value: unknown, what: string): number {
  const count = Number(asQuantity(value, what));
  if (!Number.isSafeInteger(count)) throw new MalformedAnswerError(what);
  return count;
}

/** Bytes in hex, in lower case. */
export function asHex(value: unknown, what: string): string {
  if (typeof value !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(value)) throw new MalformedAnswerError(what);
  return value.toLowerCase();
}

export function parseBlock(value: unknown): Block {
  const { number, hash, timestamp, baseFeePerGas } = asRecord(value, 'block');
  return {
    number: asCount(number, 'block.number'),
    hash: asHex(hash, 'block.hash'),
    timestamp: asCount(timestamp, 'block.timestamp'),
    baseFeeWei:
      baseFeePerGas === undefined || baseFeePerGas === null
        ? undefined
        : asQuantity(baseFeePerGas, 'block.baseFeePerGas'),
  };
}

export function parseReceipt(value: unknown): Receipt {
  const receipt = asRecord(value, 'receipt');
  const { contractAddress, effectiveGasPrice } = receipt;
  return {
    transactionHash: asHex(receipt.transactionHash, 'receipt.transactionHash'),
    blockNumber: asCount(receipt.blockNumber, 'receipt.blockNumber'),
    blockHash: asHex(receipt.blockHash, 'receipt.blockHash'),
    succeeded: asQuantity(receipt.status, 'receipt.status') === 1n,
    gasUsed: asQuantity(receipt.gasUsed, 'receipt.gasUsed'),
    effectiveGasPriceWei: asQuantity(effectiveGasPrice ?? '0x0', 'receipt.effectiveGasPrice'),
    contractAddress:
      typeof contractAddress === 'string' ? asHex(contractAddress, 'receipt.contractAddress') : undefined,
    logs: parseLogs(receipt.logs),
  };
}

export function parseLogs(value: unknown): Log[] {
  if (!Array.isArray(value) || value.length > MAX_LOGS) throw new MalformedAnswerError('logs');
  return value.map((item: unknown) => {
    const log = asRecord(item, 'log');
    if (!Array.isArray(log.topics) || log.topics.length > 4) throw new MalformedAnswerError('log.topics');
    return {
      address: asHex(log.address, 'log.address'),
      topics: log.topics.map((topic: unknown) => asHex(topic, 'log.topics')),
      data: asHex(log.data, 'log.data'),
      blockNumber: asCount(log.blockNumber, 'log.blockNumber'),
      blockHash: asHex(log.blockHash, 'log.blockHash'),
      transactionHash: asHex(log.transactionHash, 'log.transactionHash'),
    };
  });
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new MalformedAnswerError(what);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The node's answer does not have the form that the protocol prescribes. */
export class MalformedAnswerError extends VouchError {
  override readonly name = 'Evm.MalformedAnswerError';

  constructor(what: string) {
    super(`The node's answer is malformed: ${what}.`, {
      metaMessages: ['Check that the address is that of an Ethereum JSON-RPC node.'],
    });
  }
}
