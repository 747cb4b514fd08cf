import { startLocalChain } from '../../src/evm/anvil.ts';
import { type Chain, openChain } from '../../src/evm/chain/chain.ts';
import { openRpc, type RpcOptions } from '../../src/evm/chain/rpc.ts';

/** An anvil with the means to disturb it. */
export interface DevNode {
  readonly url: string;
  readonly chain: Chain;
  ask(method: string, ...params: unknown[]): Promise<unknown>;
  mine(blocks?: number): Promise<void>;
  /** Mines a block every 30 ms until the work is done. */
  mineUntil(work: Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

export async function startDevNode(options: RpcOptions = {}): Promise<DevNode> {
  const node = await startLocalChain({ extraArguments: ['--accounts', '10'] });
  const { request } = openRpc(node.url);
  return {
    url: node.url,
    chain: await openChain(node.url, options),
    ask: (method, ...params) => request(method, params),
    async mine(blocks = 1) {
      for (let i = 0; i < blocks; i++) await request('evm_mine', []);
    },
    async mineUntil(work) {
      let open = true;
      const done = work.finally(() => {
        open = false;
      });
      while (open) {
        await request('evm_mine', []);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await done;
    },
    stop: node.stop,
  };
}

/** Waits until something holds; fails with a message when it does not in time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not reached in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
