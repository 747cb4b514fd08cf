import type { Statement } from './proved.ts';

/** Bytes of a statement: eight coordinates, then the signals, 32 bytes each. */
export function bytesOf({ signals }: Statement): number {
  return 32 * (8 + signals.length);
}

/** The statement with one bit of one byte turned over. */
export function flip({ key, signals, proof }: Statement, byte: number, bit: number): Statement {
  const words = [...proof.a, ...proof.b[0], ...proof.b[1], ...proof.c, ...signals];
  const [a0, a1, b0, b1, b2, b3, c0, c1, ...rest] = words.map((word, i) =>
    i === byte >> 5 ? word ^ (1n << BigInt(8 * (byte & 31) + bit)) : word,
  );
  return {
    key,
    signals: rest,
    proof: {
      a: [a0, a1],
      b: [
        [b0, b1],
        [b2, b3],
      ],
      c: [c0, c1],
    },
  };
}
