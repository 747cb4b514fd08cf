import { getAddress, Interface, JsonRpcProvider, type LogDescription } from 'ethers';
import { startLocalChain } from '../../src/evm/anvil.ts';
import { loadArtifact } from '../../src/evm/artifacts.ts';

/** A local chain whose transactions are mined one by one; accounts are anvil's. */
export interface TestChain {
  readonly chainId: number;
  readonly accounts: readonly string[];
  rpc(method: string, ...parameters: unknown[]): Promise<unknown>;
  /** Mines a transaction; its logs are decoded with every interface known here. */
  send(transaction: Transaction): Promise<Receipt>;
  /** The name of the custom error that a call would revert with, 'reverted' without one, 'accepted' if it does not. */
  refusal(transaction: Transaction): Promise<string>;
  call(contract: string, to: string, name: string, ...values: unknown[]): Promise<unknown>;
  deploy(name: string, ...values: unknown[]): Promise<string>;
  balance(account: string): Promise<bigint>;
  timestamp(): Promise<bigint>;
  passTime(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Transaction {
  readonly from?: string;
  readonly to?: string;
  readonly data?: string;
  readonly value?: bigint;
  readonly gas?: number;
}

export interface Receipt {
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly contractAddress: string | null;
  readonly events: readonly LogDescription[];
}

/** The largest gas limit of a transaction (EIP-7825). */
export const MAX_GAS = 2 ** 24;
const NAMES = [
  'InferenceHub',
  'ModelVerifier',
  'VouchConsumer',
  'TestConsumer',
  'TensorProbe',
  'CreditVault',
  'VolatilityFee',
  'EzklAdapter',
  'Groth16Adapter',
];

export async function startTestChain(chainId?: number): Promise<TestChain> {
  const chain = await startLocalChain(chainId === undefined ? {} : { chainId });
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const interfaces = NAMES.map((name) => new Interface(loadArtifact(name).abi));
  const rpc = (method: string, ...parameters: unknown[]): Promise<unknown> => provider.send(method, parameters);
  const unlocked: string[] = await provider.send('eth_accounts', []);
  // One spelling, as events have it.
  const accounts = unlocked.map((account) => getAddress(account));

  const send = async (transaction: Transaction): Promise<Receipt> => {
    const receipt = await provider.send('eth_sendTransactionSync', [encode(transaction, accounts[0])]);
    const logs: { topics: string[]; data: string }[] = receipt.logs;
    return {
      succeeded: receipt.status === '0x1',
      gasUsed: Number(receipt.gasUsed),
      contractAddress: receipt.contractAddress,
      events: logs.flatMap((log) => interfaces.map((each) => each.parseLog(log)).find((event) => event !== null) ?? []),
    };
  };
  const refusal = async (transaction: Transaction): Promise<string> => {
    try {
      await rpc('eth_call', encode(transaction, accounts[0]), 'latest');
      return 'accepted';
    } catch (error) {
      const data = revertData(error);
      if (data === undefined) throw error;
      if (data === '0x') return 'reverted';
      const found = interfaces.map((each) => each.parseError(data)).find((each) => each !== null);
      return found?.name ?? 'reverted';
    }
  };
  return {
    chainId: chain.chainId,
    accounts,
    rpc,
    send,
    refusal,
    async call(contract, to, name, ...values) {
      const abi = new Interface(loadArtifact(contract).abi);
      const data = abi.encodeFunctionData(name, values);
      const answer = await provider.send('eth_call', [{ to, data }, 'latest']);
      const result = abi.decodeFunctionResult(name, answer);
      return result.length === 1 ? result[0] : result;
    },
    async deploy(name, ...values) {
      const { abi, bytecode } = loadArtifact(name);
      const { contractAddress, succeeded } = await send({
        data: `${bytecode}${new Interface(abi).encodeDeploy(values).slice(2)}`,
      });
      if (contractAddress === null || !succeeded) throw new Error(`${name} was not deployed`);
      return getAddress(contractAddress);
    },
    balance: (account) => provider.getBalance(account),
    async timestamp() {
      const block = await provider.send('eth_getBlockByNumber', ['latest', false]);
      return BigInt(block.timestamp);
    },
    async passTime(seconds) {
      await rpc('evm_increaseTime', seconds);
      await rpc('evm_mine');
    },
    async stop() {
      provider.destroy();
      await chain.stop();
    },
  };
}

function encode({ from, value = 0n, gas = MAX_GAS, ...rest }: Transaction, sender: string): Record<string, unknown> {
  return { ...rest, from: from ?? sender, value: `0x${value.toString(16)}`, gas: `0x${gas.toString(16)}` };
}

/** What a reverted call returned, from the error that ethers makes of the node's. */
export function revertData(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('data' in error && typeof error.data === 'string') return error.data;
  if ('error' in error) return revertData(error.error);
  return 'info' in error ? revertData(error.info) : undefined;
}
