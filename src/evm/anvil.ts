import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { VouchError } from '../errors.ts';

/** A local chain of our own. */
export interface LocalChain {
  readonly url: string;
  readonly chainId: number;
  /** Ends the node; resolves when its process is gone. */
  stop(): Promise<void>;
}

export interface LocalChainOptions {
  readonly chainId?: number;
  /** Extra arguments of anvil. */
  readonly extraArguments?: readonly string[];
}

/** Development chains have this id; a verifier of a development key deploys nowhere else. */
export const LOCAL_CHAIN_ID = 31337;

/** Starts anvil on a free port of the loopback interface and waits until it answers. */
export async function startLocalChain({
  chainId = LOCAL_CHAIN_ID,
  extraArguments = [],
}: LocalChainOptions = {}): Promise<LocalChain> {
  const port = await findFreePort();
  const settings = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)];
  const limits = ['--hardfork', 'osaka', '--enable-tx-gas-limit', '--silent'];
  const child = spawn('sh', ['-c', GUARD, findAnvil(), ...settings, ...limits, ...extraArguments], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Out of reach of a terminal's Ctrl-C, which is for the command that started the chain.
    detached: true,
  });
  // The guard may be gone when its input is closed.
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}. ${complaint}`));
  });
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  const url = `http://127.0.0.1:${port}`;
  const failure = await Promise.race([exited, waitForAnswer(url)]);
  if (failure !== undefined) {
    await stop();
    throw new LocalChainError(failure);
  }
  return { url, chainId, stop };
}

/**
 * Runs the node as long as its own standard input is open. The system closes that when the process that started it
 * ends, even by SIGKILL, so that no node is left behind.
 */
const GUARD = `exec 3<&0
"$0" "$@" </dev/null 3<&- & node=$!
{ cat <&3 >/dev/null; kill -9 $node; } 2>/dev/null >/dev/null &
exec 3<&- 2>/dev/null
wait $node`;

/** The npm binary where there is one for this platform, else `anvil` on the path. */
function findAnvil(): string {
  try {
    return createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/bin/anvil');
  } catch {
    return 'anvil';
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new LocalChainError('the system gave no free port'));
      });
    });
  });
}

/** Resolves to nothing once the node answers, to the reason when it does not in time. */
async function waitForAnswer(url: string): Promise<string | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    if (answer?.ok) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return `it did not answer within ${START_TIMEOUT_MS} ms`;
}

const START_TIMEOUT_MS = 10_000;

/** The embedded chain did not start. */
export class LocalChainError extends VouchError {
  override readonly name = 'Evm.LocalChainError';

  constructor(reason: string) {
    super(`The local chain did not start: ${reason}`, {
      metaMessages: ['Install anvil (npm has it for linux x64 only), or pass the RPC address of a running node.'],
    });
  }
}
