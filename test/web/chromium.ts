import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';

/** A page in headless Chromium, driven over the DevTools protocol. */
export interface Page {
  /** The value of an expression in the page, awaited; it must be JSON. Throws what the page throws. */
  evaluate(expression: string): Promise<unknown>;
  /** What the page wrote to its console and threw without catching. */
  readonly complaints: readonly string[];
}

export interface Browser {
  readonly version: string;
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** Where Chromium is: `CHROMIUM`, or what the system calls it. */
export function findChromium(): string | undefined {
  const { CHROMIUM: given } = process.env;
  const names = given === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [given];
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** Starts Chromium with a profile of its own. */
export async function startChromium(executable: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'vouch-chromium-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn(executable, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const send = connect(child);
  const { product } = (await send.call('Browser.getVersion', {})) as { product: string };
  return {
    version: product,
    async open(url) {
      const { targetId } = (await send.call('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
      const { sessionId } = (await send.call('Target.attachToTarget', { targetId, flatten: true })) as {
        sessionId: string;
      };
      const complaints: string[] = [];
      send.listen(sessionId, complaints);
      const call = (method: string, params: object) => send.call(method, params, sessionId);
      await call('Runtime.enable', {});
      await call('Page.enable', {});
      await call('Page.navigate', { url });
      return {
        complaints,
        async evaluate(expression) {
          const answer = (await call('Runtime.evaluate', {
            expression,
            awaitPromise: true,
            returnByValue: true,
          })) as Evaluated;
          const { exceptionDetails: thrown, result } = answer;
          if (thrown !== undefined) throw new Error(thrown.exception?.description ?? thrown.text);
          return result.value;
        },
      };
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await send.call('Browser.close', {}).catch(() => child.kill());
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

interface Incoming {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Messages are JSON texts, each followed by a zero byte. */
function connect(child: ChildProcess) {
  const [, , , input, output] = child.stdio;
  if (!(input instanceof Writable) || !(output instanceof Readable)) throw new Error('Chromium has no pipe');
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, string[]>();
  let last = 0;
  let rest = '';
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`Chromium ended with code ${code}`));
  });
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) receive(JSON.parse(message));
  });
  const receive = ({ id, sessionId, method, params, result, error }: Incoming) => {
    if (id === undefined) {
      if (method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled') {
        listeners.get(sessionId ?? '')?.push(JSON.stringify(params));
      }
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  };
  return {
    listen: (sessionId: string, complaints: string[]) => void listeners.set(sessionId, complaints),
    call: (method: string, params: object, sessionId?: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        last++;
        waiting.set(last, { resolve, reject });
        input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
      }),
  };
}
