import { open } from 'node:fs/promises';
import { MalformedFileError } from '../field/sections.ts';
import { resolve } from '../field/vector.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import type { SectionPlace } from './section-table.ts';
import { doubleMontgomery, TERM_WORDS } from './zkey-encode.ts';

/**
 * Where a key's copy of sides A and B differs from the circuit's, in words, or nothing. Keys of ours list A before B,
 * those of snarkjs row by row; within a side of a row the order is the circuit's.
 */
export async function findCoefficientFault(
  path: string,
  { position, length }: SectionPlace,
  system: System,
): Promise<string | undefined> {
  const publics = publicCount(system);
  const expected = system.a.wire.length + system.b.wire.length + publics + 1;
  const count = (length - 4) / TERM_BYTES;
  if (count !== expected) return `the key holds ${count} terms, the circuit has ${expected}`;
  const matches = termMatcher(system);
  const file = await open(path, 'r');
  try {
    for (let first = 0; first < count; first += CHUNK_TERMS) {
      const words = new Uint32Array(TERM_WORDS * Math.min(CHUNK_TERMS, count - first));
      const { bytesRead } = await file.read(words, 0, words.byteLength, position + 4 + TERM_BYTES * first);
      if (bytesRead !== words.byteLength) throw new MalformedFileError('zkey', 'its coefficients are cut off');
      for (let at = 0; at < words.length; at += TERM_WORDS) {
        if (!matches(words, at)) return `term ${first + at / TERM_WORDS} is another than the circuit's`;
      }
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Whether the term at an offset is the next one of its row. Called with as many terms as there are, all match once. */
function termMatcher(system: System): (words: Uint32Array, at: number) => boolean {
  const publics = publicCount(system);
  const sides = [system.a, system.b].map((matrix) => ({ ...matrix, next: matrix.rowPtr.slice(0, system.rows) }));
  let nextPublic = 0;
  const known = new Map<number, Uint32Array>();
  const encoded = (coefficient: number): Uint32Array => {
    let value = known.get(coefficient);
    if (value === undefined) {
      value = doubleMontgomery(resolve(coefficient, system.big));
      known.set(coefficient, value);
    }
    return value;
  };
  const isValue = (words: Uint32Array, at: number, coefficient: number): boolean => {
    const value = encoded(coefficient);
    for (let i = 0; i < value.length; i++) if (words[at + 3 + i] !== value[i]) return false;
    return true;
  };
  return (words, at) => {
    const [side, row, wire] = [words[at], words[at + 1], words[at + 2]];
    if (row >= system.rows) {
      const isNext = side === 0 && wire === nextPublic && row === system.rows + nextPublic && wire <= publics;
      nextPublic++;
      return isNext && isValue(words, at, 1);
    }
    if (side > 1) return false;
    const { next, rowPtr, wire: wires, coefficient } = sides[side];
    const i = next[row]++;
    return i < rowPtr[row + 1] && wires[i] === wire && isValue(words, at, coefficient[i]);
  };
}

const TERM_BYTES = 4 * TERM_WORDS;
const CHUNK_TERMS = 1 << 16;
