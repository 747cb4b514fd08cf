/**
 * How the integers of a tensor fill field elements: offset-binary lanes of whole bytes (v − lo), first element most
 * significant, as many as fit in 31 bytes of a word, zero-padded at the low end. One rule for the circuit, for verifiers
 * and for contracts.
 */
export interface Lanes {
  readonly lo: number;
  readonly hi: number;
  readonly laneBytes: number;
  readonly lanes: number;
}

/** Bytes of a word that are used: every number of 31 bytes lies below the field's order. */
export const wordBytes = 31;

/** The narrowest lanes that hold the integers lo … hi; hi − lo is below 2^53. */
export function lanesFor(lo: number, hi: number): Lanes {
  let laneBytes = 1;
  while (hi - lo >= 256 ** laneBytes) laneBytes++;
  return { lo, hi, laneBytes, lanes: Math.floor(wordBytes / laneBytes) };
}

/** Words of a tensor of `size` elements. */
export function wordCount({ lanes }: Lanes, size: number): number {
  return Math.ceil(size / lanes);
}

/** What lane j of a word is multiplied by. */
export function laneWeight({ laneBytes, lanes }: Lanes, j: number): bigint {
  return 1n << BigInt(8 * laneBytes * (lanes - 1 - j));
}

/** The words of integers within the bounds. */
export function packLanes(layout: Lanes, integers: ArrayLike<number | bigint>): bigint[] {
  const { lo, laneBytes, lanes } = layout;
  const laneBits = BigInt(8 * laneBytes);
  const words: bigint[] = [];
  for (let start = 0; start < integers.length; start += lanes) {
    let word = 0n;
    for (let j = 0; j < lanes; j++) {
      const at = start + j;
      word = (word << laneBits) | (at < integers.length ? BigInt(integers[at]) - BigInt(lo) : 0n);
    }
    words.push(word);
  }
  return words;
}

/** The `size` integers of words, or `undefined` where a lane leaves its interval or padding is not zero. */
export function unpackLanes(layout: Lanes, words: readonly bigint[], size: number): bigint[] | undefined {
  const { lo, hi, laneBytes, lanes } = layout;
  if (words.length !== wordCount(layout, size)) return undefined;
  const laneBits = 8 * laneBytes;
  const most = BigInt(hi - lo);
  const integers: bigint[] = [];
  for (const word of words) {
    if (word >> BigInt(laneBits * lanes) !== 0n) return undefined;
    for (let j = 0; j < lanes; j++) {
      const lane = BigInt.asUintN(laneBits, word >> BigInt(laneBits * (lanes - 1 - j)));
      if (integers.length === size) {
        if (lane !== 0n) return undefined;
      } else if (lane > most) return undefined;
      else integers.push(lane + BigInt(lo));
    }
  }
  return integers;
}
