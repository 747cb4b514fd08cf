import { fileURLToPath } from 'node:url';
import { InternalError, VouchError } from '../../errors.ts';
import { startGroup } from './process-group.ts';
import { type CallLimits, supervise, tail } from './supervise.ts';
import { type EzklTool, refusal } from './tool.ts';
import { EZKL_VERSION, EzklVersionError } from './version.ts';

/** Lies beside the sources as beside the built package. */
export const BRIDGE = fileURLToPath(new URL('../../../bridge/ezkl_bridge.py', import.meta.url));
const PROTOCOL = 1;
const START_MS = 60_000;
/** An answer holds a boolean or a complaint. */
const MAX_LINE = 1 << 20;

/**
 * Starts the Python process that holds EZKL's wheel, and refuses any version but the pinned one. One call at a time;
 * a call that fails other than by EZKL's refusal ends the process.
 */
export async function startBridge(python: string, limits: CallLimits, script = BRIDGE): Promise<EzklTool> {
  const group = startGroup([python, '-I', script], limits);
  const lines = readLines(group.output);
  const start = { ...limits, timeoutMs: Math.min(limits.timeoutMs, START_MS) };
  const hello = await supervise(group, 'start', lines.next(), start);
  const { kind, protocol, version } = hello;
  if (kind !== 'ready' || protocol !== PROTOCOL || typeof version !== 'string') {
    group.kill();
    throw new BridgeProtocolError(JSON.stringify(hello), `{"kind":"ready","protocol":${PROTOCOL},…}`);
  }
  if (version !== EZKL_VERSION) {
    group.kill();
    throw new EzklVersionError(`the wheel of "${python}"`, version, 'Run: vouch backend install ezkl');
  }
  let sent = 0;
  let answered = 0;
  return {
    kind: 'wheel',
    version,
    path: python,
    async call(name, given, options) {
      if (sent !== answered) throw new InternalError(`EZKL was asked for ${name} while it is at work`);
      const id = ++sent;
      // EZKL prints reports; those of an earlier call are not why this one ends.
      group.forgetWords();
      group.input.write(`${JSON.stringify({ id, call: name, arguments: given })}\n`);
      const reply = await supervise(group, name, lines.next(), limits, options);
      answered = id;
      if (reply.id === id) {
        if (reply.kind === 'error') throw refusal(name, limits.memoryMb, complaintOf(reply));
        if (reply.kind === 'result' && isAnswer(reply.value)) return reply.value;
      }
      group.kill();
      throw new BridgeProtocolError(JSON.stringify(reply), `an answer to request ${id}`);
    },
    peakMb: () => group.peakMb(),
    async close() {
      group.input.end();
      // Nothing is under way, so nothing is lost.
      const timer = setTimeout(() => group.kill(), 2000);
      await group.ended;
      clearTimeout(timer);
    },
  };
}

const isAnswer = (value: unknown): value is boolean | null => typeof value === 'boolean' || value === null;

function complaintOf({ name, message }: Message): string {
  const kind = name === 'RuntimeError' || name === undefined ? '' : `${String(name)}: `;
  return `${kind}${String(message)}`;
}

interface Message {
  readonly [key: string]: unknown;
}

interface Lines {
  /** The next line, as the JSON object that it must be. */
  next(): Promise<Message>;
}

function readLines(stream: NodeJS.ReadableStream): Lines {
  const ready: string[] = [];
  let rest = '';
  let wake = () => {};
  stream.on('data', (chunk: Buffer) => {
    rest += chunk.toString();
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    ready.push(...parts);
    wake();
  });
  return {
    next() {
      return new Promise((resolve, reject) => {
        wake = () => {
          const line = ready.shift();
          const long = (line ?? rest).length > MAX_LINE;
          if (line === undefined && !long) return;
          wake = () => {};
          const message = long ? undefined : parseObject(line ?? '');
          if (message !== undefined) resolve(message);
          else reject(new BridgeProtocolError(line ?? rest, 'a line with a JSON object'));
        };
        wake();
      });
    },
  };
}

function parseObject(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The process at the other end of the bridge does not speak as the bridge does. */
export class BridgeProtocolError extends VouchError {
  override readonly name = 'Backend.BridgeProtocolError';

  constructor(got: string, expected: string) {
    super('the process that holds EZKL does not answer as it should', {
      metaMessages: [
        `expected ${expected}`,
        `got ${got.length} characters: ${tail(got.slice(0, 200))[0]}`,
        'Run: vouch backend install ezkl --force',
      ],
    });
  }
}
