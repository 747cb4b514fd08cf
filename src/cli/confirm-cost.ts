import { createInterface } from 'node:readline/promises';
import { formatEther, formatUnits } from 'ethers';
import { VouchError } from '../errors.ts';
import type { Cost } from '../evm/hub/cost.ts';
import type { ChainSession } from './chain-session.ts';
import { formatNumber } from './table.ts';

/** Execution gas, calldata and the price at which they were counted, as one line. */
export function renderCost({
  executionGas,
  calldataBytes,
  calldataGas,
  totalGas,
  gasPriceWei,
  costWei,
  limitWei,
}: Cost): string {
  const gas = (value: bigint): string => formatNumber(Number(value));
  return [
    `execution ${gas(executionGas)} gas, calldata ${formatNumber(calldataBytes)} bytes (${gas(calldataGas)} gas)`,
    `total ${gas(totalGas)} gas`,
    `at ${formatUnits(gasPriceWei, 'gwei')} gwei ${formatEther(costWei)} ETH, at most ${formatEther(limitWei)} ETH`,
  ].join('; ');
}

/** Shows what a transaction costs and asks on a terminal whether to send it; with `--yes`, or on a chain of its own, goes on. */
export async function confirmCost(
  what: string,
  cost: Cost,
  { yes = false, quiet = false }: { readonly yes?: boolean | undefined; readonly quiet?: boolean | undefined },
  { embedded, sender }: ChainSession,
): Promise<boolean> {
  const free = yes || embedded;
  if (!quiet || !free) process.stderr.write(`${what} on chain ${sender.chain.chainId}: ${renderCost(cost)}\n`);
  if (free) return true;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) throw new NobodyToAskError();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question('Send it? [y/N] ')).trim());
  } finally {
    lines.close();
  }
}

/** There is no terminal, and money is spent only when somebody says so. */
export class NobodyToAskError extends VouchError {
  override readonly name = 'NobodyToAskError';

  constructor() {
    super('Nothing was sent: there is no terminal to confirm the cost on.', {
      metaMessages: ['Pass --yes to send without asking; --max-fee bounds the price.'],
    });
  }
}
