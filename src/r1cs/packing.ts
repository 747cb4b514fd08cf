import type { Range } from '../quant/qgraph.ts';
import { bitLength, span } from '../quant/width.ts';

/**
 * How a tensor is published: offset-binary lanes of whole bytes (v − lo), first element most significant, as many as
 * fit in 31 bytes of a signal, zero-padded at the low end.
 */
export interface Packing {
  readonly lo: number;
  readonly hi: number;
  readonly laneBytes: number;
  readonly lanes: number;
  readonly signals: number;
  readonly size: number;
}

const signalBytes = 31;

export function packingOf(range: Range): Packing {
  const [lo, hi] = span(range);
  const laneBytes = Math.max(1, Math.ceil(bitLength(hi - lo) / 8));
  const lanes = Math.floor(signalBytes / laneBytes);
  const size = range.lo.length;
  return { lo, hi, laneBytes, lanes, signals: Math.ceil(size / lanes), size };
}

/** Weight of lane j of a signal. */
export function laneWeight({ laneBytes, lanes }: Packing, j: number): bigint {
  return 1n << BigInt(8 * laneBytes * (lanes - 1 - j));
}
