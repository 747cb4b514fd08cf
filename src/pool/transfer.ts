import { InternalError } from '../errors.ts';
import type { Sample } from '../quant/sample.ts';

type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

/**
 * The same plain data with every typed array moved into one block of shared memory. What is sent to a thread afterwards
 * are views on that block: however many threads hold a model, its arrays are in memory once. Nobody may write to them.
 */
export function shareArrays<T>(data: T): T {
  const offsets = new Map<Numbers, number>();
  let size = 0;
  visit(data, (array) => {
    if (offsets.has(array)) return;
    offsets.set(array, size);
    size += Math.ceil(array.byteLength / 8) * 8;
  });
  const block = new SharedArrayBuffer(size);
  const views = new Map<Numbers, Numbers>();
  for (const [array, offset] of offsets) views.set(array, copyInto(block, offset, array));
  return rebuild(data, views) as T;
}

/** Samples are views on a whole data file, and a view drags all of its buffer along: a copy holds one sample only. */
export function copySample(sample: Sample): Sample {
  return new Map([...sample].map(([name, values]) => [name, values.slice()]));
}

/** The buffers of a result's arrays, to be handed over instead of copied; shared ones stay where they are. */
export function buffersOf(data: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  visit(data, ({ buffer }) => {
    if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  });
  return [...buffers];
}

function isNumbers(value: unknown): value is Numbers {
  return (
    value instanceof Float64Array ||
    value instanceof Int32Array ||
    value instanceof Uint32Array ||
    value instanceof Uint8Array
  );
}

function visit(value: unknown, onArray: (array: Numbers) => void): void {
  if (isNumbers(value)) onArray(value);
  else if (typeof value === 'object' && value !== null) for (const item of childrenOf(value)) visit(item, onArray);
}

function childrenOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Map) return value.values();
  if (ArrayBuffer.isView(value)) throw new InternalError(`There is no way to share a ${value.constructor.name}.`);
  return Object.values(value);
}

function rebuild(value: unknown, views: ReadonlyMap<Numbers, Numbers>): unknown {
  if (isNumbers(value)) return views.get(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rebuild(item, views));
  const entries = (pairs: Iterable<[unknown, unknown]>): [unknown, unknown][] =>
    Array.from(pairs, ([key, item]) => [key, rebuild(item, views)]);
  return value instanceof Map ? new Map(entries(value)) : Object.fromEntries(entries(Object.entries(value)) as []);
}

function copyInto(block: SharedArrayBuffer, offset: number, array: Numbers): Numbers {
  if (array instanceof Float64Array) return filled(new Float64Array(block, offset, array.length), array);
  if (array instanceof Int32Array) return filled(new Int32Array(block, offset, array.length), array);
  if (array instanceof Uint32Array) return filled(new Uint32Array(block, offset, array.length), array);
  return filled(new Uint8Array(block, offset, array.length), array);
}

function filled<T extends Numbers>(view: T, source: Numbers): T {
  view.set(source);
  return view;
}
