/** One item of a batch. One that fails does not end the batch. */
export type BatchItem<T> =
  | { readonly index: number; readonly ok: true; readonly value: T }
  | { readonly index: number; readonly ok: false; readonly error: unknown };

export type Source<T> = Iterable<T> | AsyncIterable<T>;

export interface OrderOptions {
  /** Inputs taken and not yet answered, at most. */
  readonly window: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies `work` to every input, several at a time, and yields how each ended in the order of the inputs, as soon as
 * all before it have. Inputs are taken no faster than results are. An error of the source comes after all results.
 * Leaving the loop early, or aborting, aborts the signal that `work` is given.
 */
export async function* inOrder<I, T>(
  inputs: Source<I>,
  work: (input: I, signal: AbortSignal) => Promise<T>,
  { window, signal }: OrderOptions,
): AsyncGenerator<BatchItem<T>, void, undefined> {
  const leaving = new AbortController();
  const stop = signal === undefined ? leaving.signal : AbortSignal.any([leaving.signal, signal]);
  const source = iterate(inputs);
  const pending: Promise<BatchItem<T>>[] = [];
  let taken = 0;
  let next: Promise<Arrival<I>> | undefined = arrival(source);
  let failure: { readonly error: unknown } | undefined;
  try {
    while (next !== undefined || pending.length > 0) {
      const arrived = await Promise.race([...(pending.length < window ? [next] : []), pending[0]].filter(isThere));
      signal?.throwIfAborted();
      if ('index' in arrived) {
        pending.shift();
        yield arrived;
      } else if (arrived.kind === 'input') {
        pending.push(settle(taken++, work(arrived.input, stop)));
        next = arrival(source);
      } else {
        failure = arrived.kind === 'error' ? arrived : undefined;
        next = undefined;
      }
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    leaving.abort();
    await Promise.all(pending);
    // Not awaited: the source may be waiting for an input that never comes.
    if (next !== undefined) Promise.resolve(source.return?.()).catch(() => {});
  }
}

type Arrival<I> =
  | { readonly kind: 'input'; readonly input: I }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: unknown };

async function arrival<I>(source: Iterator<I> | AsyncIterator<I>): Promise<Arrival<I>> {
  try {
    const { done, value } = await source.next();
    return done === true ? { kind: 'end' } : { kind: 'input', input: value };
  } catch (error) {
    return { kind: 'error', error };
  }
}

async function settle<T>(index: number, result: Promise<T>): Promise<BatchItem<T>> {
  try {
    return { index, ok: true, value: await result };
  } catch (error) {
    return { index, ok: false, error };
  }
}

function iterate<T>(inputs: Source<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
