import { closeSync, openSync, readSync } from 'node:fs';
import { InternalError } from '../errors.ts';
import type { Kernel, PreparedPoints } from '../kernel/contract.ts';
import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { type PhaseTwoKey, readPhaseTwoKey } from './ceremony/phase-two-key.ts';
import { MULTIPLES, PREPARED } from './prepared-format.ts';
import { headerPoints } from './prepared-header.ts';
import { type PreparedSides, prepareSides } from './prepared-rows.ts';
import type { SectionPlace } from './section-table.ts';
import { G1_BYTES, G2_BYTES } from './stored-points.ts';
import { SECTION } from './zkey-format.ts';

export interface PrepareKeyOptions {
  readonly kernel: Pick<Kernel, 'name' | 'preparePoints'>;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The chunks of a prepared key (docs/keys.md) for a `.zkey` of this circuit. `digest` is the `.zkey`'s sha256; the file must
 * stay until the last chunk is read.
 */
export async function prepareKey(
  zkey: string,
  digest: Uint8Array,
  system: System,
  { kernel, signal, onProgress }: PrepareKeyOptions,
): Promise<Iterable<Uint8Array>> {
  if (kernel.preparePoints === undefined) throw new InternalError(`The kernel ${kernel.name} prepares no keys.`);
  const key = await readPhaseTwoKey(zkey);
  const { rows, wires, big, a, b, c } = system;
  const circuit = { rows, wires, publicSignals: publicCount(system), domainBits: domainBits(system), big };
  const points = await kernel.preparePoints(
    { provingKey: zkey, circuit: { ...circuit, sides: [a, b, c] }, multiples: MULTIPLES },
    { signal, ...(onProgress && { onProgress }) },
  );
  return encodePrepared(key, digest, prepareSides(system), points);
}

function* encodePrepared(
  key: PhaseTwoKey,
  digest: Uint8Array,
  { values, rows }: PreparedSides,
  { c, h }: PreparedPoints,
): Generator<Uint8Array> {
  const head = new Uint8Array(PREPARED.headBytes);
  head.set(new TextEncoder().encode(PREPARED.magic));
  const { wires, publicSignals, domain } = key;
  const counts = [PREPARED.version, wires, publicSignals, Math.log2(domain), MULTIPLES, values.length / 8];
  new Uint32Array(head.buffer, PREPARED.countsAt, 8).set([...counts, ...rows.map(({ terms }) => terms.length / 2)]);
  head.set(digest, PREPARED.digestAt);
  yield head;

  yield headerPoints(key.header);
  const file = openSync(key.path, 'r');
  try {
    const section = (id: number): SectionPlace => key.places.get(id) ?? { position: 0, length: 0 };
    yield* padded(bytesOf(values));
    for (const { starts, terms } of rows) {
      yield* padded(bytesOf(starts));
      yield* padded(bytesOf(terms));
    }
    const present = [SECTION.a, SECTION.b2, SECTION.c].map(() => new Uint8Array(Math.ceil(wires / 8)));
    const [ofA, ofB, ofC] = present;
    yield* marking(readPlace(file, section(SECTION.a)), G1_BYTES, ofA);
    yield* readPlace(file, section(SECTION.b1));
    yield* marking(readPlace(file, section(SECTION.b2)), G2_BYTES, ofB);
    yield* marking([c], G1_BYTES, ofC);
    yield h;
    for (const bits of present) yield* padded(bits);
  } finally {
    closeSync(file);
  }
}

function* readPlace(file: number, { position, length }: SectionPlace): Generator<Uint8Array> {
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, length - at));
    if (readSync(file, chunk, 0, chunk.length, position + at) !== chunk.length) {
      throw new InternalError('The proving key became shorter while it was read.');
    }
    yield chunk;
  }
}

/** Passes points on and sets the bit of each that is not infinity. */
function* marking(chunks: Iterable<Uint8Array>, size: number, bits: Uint8Array): Generator<Uint8Array> {
  let index = 0;
  for (const chunk of chunks) {
    const words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength / 4);
    for (let at = 0; at < words.length; at += size / 4, index++) {
      let any = 0;
      for (let i = 0; i < size / 4; i++) any |= words[at + i];
      if (any !== 0) bits[index >> 3] |= 1 << (index & 7);
    }
    yield chunk;
  }
}

function* padded(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
  const rest = bytes.length % PREPARED.alignment;
  if (rest > 0) yield new Uint8Array(PREPARED.alignment - rest);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Whole points of either group. */
const CHUNK_BYTES = 1 << 22;
