import { openChain } from '../../src/evm/chain/chain.ts';
import type { NodeEvent } from '../../src/evm/node/events.ts';
import { watch } from '../../src/evm/node/watch.ts';
import { developmentAccount } from '../../src/evm/sender/account.ts';
import { createSender } from '../../src/evm/sender/sender.ts';
import { toyModelId, toyProver } from './toy-model.ts';

// A node of the toy model in a process of its own, which kills itself when it reaches a stage for the n-th time.
const [url, hub, statePath, stage, count] = process.argv.slice(2);

let seen = 0;
function onEvent(event: NodeEvent): void {
  const name = event.kind === 'transaction' ? event.event.kind : event.kind;
  if (name !== stage) return;
  seen++;
  if (seen === Number(count)) process.kill(process.pid, 'SIGKILL');
}

process.stdout.write('ready\n');
const chain = await openChain(url);
const sender = createSender(chain, developmentAccount(1, 31337), { pollMs: 20 });
const options = { hub, modelIds: [toyModelId], prove: toyProver(), statePath, pollMs: 30, onEvent };
const summary = await watch(sender, { ...options, until: 'idle' });
await sender.close();
process.stdout.write(`${JSON.stringify(summary)}\n`);
