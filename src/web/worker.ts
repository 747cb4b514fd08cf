import { prepareThread } from '../kernel/wasm-module.ts';
import type { StartThread } from '../kernel/wasm-threads.ts';
import { type Message, type Opened, type Request, type ThreadRequest, toFailure } from './messages.ts';
import { openSession, type Session } from './session.ts';

/**
 * The script of the page's workers. The one that the page starts answers its requests, one after the other; those that
 * this one starts work for the kernel and answer nothing.
 */
const tell = (message: Message): void => self.postMessage(message);
let session: Session | undefined;
let last: Promise<void> = Promise.resolve();

self.addEventListener('message', ({ data }) => {
  // Only prover.ts and this script post to it.
  const message = data as Request | ThreadRequest;
  if ('thread' in message) return void runThread(message);
  last = last.then(() => answer(message));
});

async function runThread({ thread }: ThreadRequest): Promise<void> {
  const work = await prepareThread(thread);
  tell({ ready: true });
  work();
}

async function answer(request: Request): Promise<void> {
  try {
    tell({ result: await perform(request) });
  } catch (error) {
    tell({ failure: toFailure(error) });
  }
}

async function perform(request: Request): Promise<unknown> {
  if (request.name === 'open') {
    const { model, kernels, threads } = request.input;
    session = await openSession({
      model: new URL(model),
      kernels: { fma: new URL(kernels.fma), simd: new URL(kernels.simd) },
      threads,
      startThread,
      onProgress: (stage, fraction) => tell({ progress: { stage, fraction } }),
    });
    const { kernel, file, program, cancelWord } = session;
    const cancel = crossOriginIsolated === true ? { memory: program.memory, word: cancelWord } : undefined;
    return { kernel, file, cancel } satisfies Opened;
  }
  if (session === undefined) throw new Error('no model is open');
  const { input } = request;
  return 'sample' in input ? session.prove(input.sample, input.options) : session.verify(input.proof, input.expected);
}

const startThread: StartThread = (thread) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(self.location.href, { type: 'module' });
    worker.addEventListener('message', () => resolve());
    worker.addEventListener('error', ({ message }) => reject(new Error(message ?? 'a thread did not start')));
    worker.postMessage({ thread } satisfies ThreadRequest);
  });
