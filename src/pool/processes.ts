import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { ChildReply, ChildRequest } from './child.ts';
import { type Attempt, type Crash, type Executor, WorkerCrashedError } from './executor.ts';
import { type Outcome, unwrap } from './outcome.ts';
import { watchMemory } from './resident-memory.ts';
import { type Job, siblingPath, type WorkerSetup, workerFlags } from './task-module.ts';

export interface ProcessOptions extends WorkerSetup {
  readonly slots: number;
  /** Limit of each process's resident memory; enforced where the system tells it (Linux). */
  readonly memoryMb: number;
}

/** A child process and the end of what it wrote to standard error. */
interface Child {
  readonly process: ChildProcess;
  lastWords: string;
}

/**
 * Child processes, one job each at a time, started when first needed and kept. A child can be killed at any moment and
 * takes nothing with it; the next job in its place starts another.
 */
export function createProcesses(options: ProcessOptions): Executor {
  const idle: Child[] = [];
  const living = new Set<Child>();
  const take = (): Child => {
    const known = idle.pop();
    if (known !== undefined) return known;
    const child = startChild(options);
    living.add(child);
    child.process.once('exit', () => {
      living.delete(child);
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1);
    });
    return child;
  };
  return {
    kind: 'process',
    slots: options.slots,
    start(job) {
      const child = take();
      return startAttempt(child, job, options.memoryMb, () => idle.push(child));
    },
    async close() {
      await Promise.all([...living].map(endChild));
    },
  };
}

function startChild({ module, setup, memoryMb }: ProcessOptions): Child {
  const started = fork(siblingPath('child'), {
    execArgv: [...workerFlags(), `--max-old-space-size=${memoryMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: withoutSecrets(process.env),
  });
  const child: Child = { process: started, lastWords: '' };
  started.stderr?.on('data', (chunk: Buffer) => {
    child.lastWords = (child.lastWords + chunk.toString()).slice(-2000);
  });
  if (started.stderr instanceof Socket) started.stderr.unref();
  started.on('error', () => started.kill('SIGKILL'));
  send(started, { kind: 'setup', setup: { module, setup } });
  return child;
}

/** Who proves needs no account: other programs can read a process's environment. */
function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { VOUCH_PRIVATE_KEY: _key, VOUCH_KEYSTORE_PASSWORD: _password, ...rest } = environment;
  return rest;
}

function startAttempt(child: Child, job: Job, memoryMb: number, onIdle: () => void): Attempt {
  const { process } = child;
  let ending: Crash | undefined;
  let startedAt: number | undefined;
  const kill = (reason: Crash['reason'], detail: string) => {
    ending ??= { reason, detail };
    process.kill('SIGKILL');
  };
  const done = new Promise<unknown>((resolve, reject) => {
    const unwatch = watchMemory(process.pid, memoryMb, (used) => kill('memory', `${used} MB of ${memoryMb} MB`));
    const onMessage = (reply: ChildReply) => {
      if (reply.kind === 'started') {
        startedAt = Date.now();
        return;
      }
      release();
      letGo(process);
      onIdle();
      settleWith(reply.outcome, resolve, reject);
    };
    const onClose = (code: number | null, signal: NodeJS.Signals | null) => {
      release();
      reject(new WorkerCrashedError(ending ?? endingOf(code, signal, child.lastWords)));
    };
    const release = () => {
      unwatch();
      process.off('message', onMessage);
      process.off('close', onClose);
    };
    process.on('message', onMessage);
    process.on('close', onClose);
  });
  hold(process);
  send(process, { kind: 'job', job });
  return { done, startedAt: () => startedAt, stop: () => kill('stopped', 'it was killed') };
}

async function endChild({ process }: Child): Promise<void> {
  hold(process);
  const ended = once(process, 'exit');
  if (process.connected) process.disconnect();
  await ended;
}

/** A child that is gone already is reported by its end, not by what it could not be sent. */
function send(child: ChildProcess, request: ChildRequest): void {
  child.send(request, () => {});
}

/** A running job keeps this process alive, an idle child does not. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

function settleWith(outcome: Outcome, resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  try {
    resolve(unwrap(outcome));
  } catch (error) {
    reject(error);
  }
}

function endingOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): Crash {
  if (lastWords.includes('heap out of memory')) return { reason: 'memory', detail: 'its heap is full' };
  const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const words = lastWords.trim().split('\n').at(-1) ?? '';
  return { reason: 'exit', detail: words === '' ? end : `${end}: ${words}` };
}
