import { setMaxListeners } from 'node:events';
import { VouchError } from '../../errors.ts';
import { createLimiter } from './limiter.ts';
import { sleep } from './sleep.ts';

/** A node's JSON-RPC over HTTP. */
export interface Rpc {
  /** The node's address without path and credentials, which often hold a secret. */
  readonly origin: string;
  /** The `result` of the answer. Rejects with RpcAnswerError, or RpcUnavailableError after the last attempt. */
  request(method: string, params: readonly unknown[], options?: CallOptions): Promise<unknown>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RpcOptions {
  /** How often a request is sent before the node counts as unavailable. */
  readonly attempts?: number;
  /** Wait after the first failure; it doubles up to `maxDelayMs`. */
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
  /** How long one attempt may take. */
  readonly timeoutMs?: number;
  /** Requests under way at once. */
  readonly concurrency?: number;
}

const MAX_ANSWER_BYTES = 64 << 20;
/** Codes by which providers say "not now": limits, timeouts and internal errors without a reason. */
const TRANSIENT_CODES = new Set([-32005, -32016, -32097, -32603]);
const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Talks to a node and repeats what got lost on the way; only the caller knows whether an effect may be repeated. */
export function openRpc(
  url: string,
  { attempts = 7, firstDelayMs = 100, maxDelayMs = 5_000, timeoutMs = 20_000, concurrency = 16 }: RpcOptions = {},
): Rpc {
  const address = parseUrl(url);
  const limit = createLimiter(concurrency);
  let lastId = 0;
  const request: Rpc['request'] = async (method, params, { signal } = {}) => {
    // Every request under way listens to the caller's signal.
    if (signal !== undefined) setMaxListeners(0, signal);
    let delayMs = firstDelayMs;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      lastId++;
      const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params });
      const outcome = await limit(() => attemptOnce(address, body, timeoutMs, signal));
      if (outcome.kind === 'result') return outcome.value;
      if (outcome.kind === 'refused') throw new RpcAnswerError(method, outcome);
      if (attempt >= attempts) throw new RpcUnavailableError(address.origin, method, attempt, outcome.reason);
      // Half of the wait is random, so that many clients do not return at the same moment.
      await sleep(delayMs * (0.5 + Math.random() / 2), signal);
      delayMs = Math.min(2 * delayMs, maxDelayMs);
    }
  };
  return { origin: address.origin, request };
}

type Attempt =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data: string | undefined }
  | { readonly kind: 'lost'; readonly reason: string };

async function attemptOnce(
  { href, authorization }: NodeAddress,
  body: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Attempt> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
    const response = await fetch(href, { method: 'POST', headers, body, signal: controller.signal });
    const text = await readText(response);
    if (TRANSIENT_STATUS.has(response.status)) return { kind: 'lost', reason: `HTTP status ${response.status}` };
    return parseAnswer(text, response.status);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RpcAnswerSizeError) throw error;
    return { kind: 'lost', reason: controller.signal.aborted ? `no answer in ${timeoutMs} ms` : reasonOf(error) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new RpcAnswerSizeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseAnswer(text: string, status: number): Attempt {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { kind: 'lost', reason: `an answer that is not JSON (HTTP status ${status})` };
  }
  if (typeof answer !== 'object' || answer === null) return { kind: 'lost', reason: 'an answer that is no object' };
  if ('error' in answer && typeof answer.error === 'object' && answer.error !== null) {
    const { error } = answer;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
    const message = 'message' in error ? String(error.message).slice(0, 500) : 'no message';
    const data = 'data' in error && typeof error.data === 'string' ? error.data : undefined;
    if (TRANSIENT_CODES.has(code) && data === undefined) return { kind: 'lost', reason: `${code} ${message}` };
    return { kind: 'refused', code, message, data };
  }
  if (!('result' in answer)) return { kind: 'lost', reason: `an answer without result (HTTP status ${status})` };
  return { kind: 'result', value: answer.result };
}

interface NodeAddress {
  readonly href: string;
  readonly origin: string;
  readonly authorization: string | undefined;
}

function parseUrl(text: string): NodeAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new RpcUrlError();
  const { username, password } = url;
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  url.username = '';
  url.password = '';
  const authorization = secret === ':' ? undefined : `Basic ${Buffer.from(secret).toString('base64')}`;
  return { href: url.href, origin: url.origin, authorization };
}

/** `fetch` hides the reason in the cause; neither is shown whole, because it may quote the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return 'the connection failed';
}

/** The node understood the request and refused it. */
export class RpcAnswerError extends VouchError {
  override readonly name = 'Evm.RpcAnswerError';
  readonly code: number;
  /** What the node says, word for word. */
  readonly reason: string;
  /** Revert data in hex, where the node gives it. */
  readonly data: string | undefined;

  constructor(method: string, answer: { code: number; message: string; data: string | undefined }) {
    super(`The node refused ${method}: ${answer.message} (code ${answer.code}).`);
    this.code = answer.code;
    this.reason = answer.message;
    this.data = answer.data;
  }
}

/** No usable answer after every attempt. */
export class RpcUnavailableError extends VouchError {
  override readonly name = 'Evm.RpcUnavailableError';

  constructor(origin: string, method: string, attempts: number, reason: string) {
    super(`The node at ${origin} gave no answer to ${method} in ${attempts} attempts.`, {
      metaMessages: [`last: ${reason}`, 'Check the address, the network and the limits of the provider.'],
    });
  }
}

/** The answer is larger than anything this client asks for. */
export class RpcAnswerSizeError extends VouchError {
  override readonly name = 'Evm.RpcAnswerSizeError';

  constructor() {
    super(`The node's answer is larger than ${MAX_ANSWER_BYTES} bytes.`);
  }
}

/** Not the address of a node. */
export class RpcUrlError extends VouchError {
  override readonly name = 'Evm.RpcUrlError';

  constructor() {
    super('The RPC address is not an http:// or https:// URL.', {
      metaMessages: ['It is not repeated here because such addresses often hold a secret.'],
    });
  }
}
