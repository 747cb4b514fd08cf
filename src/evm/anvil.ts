import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
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

/** Starts anvil on a port of the loopback interface that the system gives it, and waits until it answers. */
export async function startLocalChain({
  chainId = LOCAL_CHAIN_ID,
  extraArguments = [],
}: LocalChainOptions = {}): Promise<LocalChain> {
  // It takes a port itself: one that we found free could be another process's by the time that it starts.
  const settings = ['--host', '127.0.0.1', '--port', '0', '--chain-id', String(chainId)];
  const limits = ['--hardfork', 'osaka', '--enable-tx-gas-limit'];
  const child = spawn('sh', ['-c', GUARD, findAnvil(), ...settings, ...limits, ...extraArguments], {
    stdio: ['pipe', 'pipe', 'pipe'],
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
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), START_TIMEOUT_MS);
  const ended = exited.then((reason) => {
    throw new LocalChainError(reason);
  });
  try {
    const url = await Promise.race([ended, addressIn(child.stdout, late.signal)]);
    await Promise.race([ended, silence(url, late.signal)]);
    return { url, chainId, stop };
  } catch (error) {
    await stop();
    throw late.signal.aborted ? new LocalChainError(`it did not answer within ${START_TIMEOUT_MS} ms`) : error;
  } finally {
    clearTimeout(timer);
  }
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

/** The address that a starting node prints; what it prints after that is dropped. */
function addressIn(output: Readable, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    output.on('data', (chunk: Buffer) => {
      if (text.length > MAX_GREETING) return;
      text += chunk;
      const [, address] = /Listening on (127\.0\.0\.1:\d+)\n/.exec(text) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** Stops the log of all requests; the node has answered then. */
async function silence(url: string, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_setLoggingEnabled', params: [false] });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
  await response.arrayBuffer();
}

const MAX_GREETING = 1 << 16;
const START_TIMEOUT_MS = 60_000;

/** The embedded chain did not start. */
export class LocalChainError extends VouchError {
  override readonly name = 'Evm.LocalChainError';

  constructor(reason: string) {
    super(`The local chain did not start: ${reason}`, {
      metaMessages: ['Install anvil (npm has it for linux x64 only), or pass the RPC address of a running node.'],
    });
  }
}
