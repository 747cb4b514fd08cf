import { topicOf } from '../../src/evm/hub/hub.ts';
import { deployHub, registerModel } from '../../src/evm/hub/publish.ts';
import { type RequestOptions, request } from '../../src/evm/hub/request.ts';
import { developmentAccount } from '../../src/evm/sender/account.ts';
import { createSender, type Sender } from '../../src/evm/sender/sender.ts';
import { type DevNode, startDevNode } from './dev-node.ts';
import { toyInput, toyModel, toyModelId } from './toy-model.ts';

/** A chain with a hub that knows the toy, and somebody who asks. */
export interface HubWorld {
  readonly node: DevNode;
  readonly client: Sender;
  readonly hub: string;
  /** Asks for 4·v. */
  ask(v: number, overrides?: Partial<RequestOptions>): ReturnType<typeof request>;
  /** Ids of all fulfilments that the chain has, in order. */
  fulfilments(): Promise<string[]>;
  transactionsOf(account: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startHubWorld(): Promise<HubWorld> {
  const node = await startDevNode();
  const client = createSender(node.chain, developmentAccount(0, 31337), { pollMs: 20 });
  const { address: hub } = await deployHub(client);
  await registerModel(client, { hub, model: toyModel });
  return {
    node,
    client,
    hub,
    ask: (v, overrides = {}) =>
      request(client, {
        ...{ hub, modelId: toyModelId, input: toyInput([v, v, v, v]), deadline: Date.now() / 1000 + 3600 },
        ...overrides,
      }),
    async fulfilments() {
      const toBlock = (await node.chain.block())?.number ?? 0;
      const logs = await node.chain.logs({ address: hub, topics: [topicOf('Fulfilled')], fromBlock: 0, toBlock });
      return logs.map(({ topics }) => topics[1]);
    },
    transactionsOf: (account) => node.chain.transactionCount(developmentAccount(account, 31337).address, 'latest'),
    async stop() {
      await client.close();
      await node.stop();
    },
  };
}
