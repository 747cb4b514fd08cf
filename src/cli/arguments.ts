import { VouchError } from '../errors.ts';
import type { Observed } from '../quant/precision.ts';

/** `name=value` pairs of `--dim`. */
export function parseDims(pairs: readonly string[]): Record<string, number> {
  const dims: Record<string, number> = {};
  for (const pair of pairs) {
    const match = /^(.+)=(\d+)$/.exec(pair);
    if (match === null) throw new ArgumentError('--dim', pair, 'name=value with a whole number, e.g. --dim seq=16');
    dims[match[1]] = Number(match[2]);
  }
  return dims;
}

/** `input=lo:hi` pairs of `--bound`. */
export function parseBounds(pairs: readonly string[]): Map<string, Observed> {
  const bounds = new Map<string, Observed>();
  for (const pair of pairs) {
    const match = /^(.+)=([-+.\deE]+):([-+.\deE]+)$/.exec(pair);
    const [lo, hi] = [Number(match?.[2]), Number(match?.[3])];
    if (match === null || !(lo <= hi)) throw new ArgumentError('--bound', pair, 'input=lo:hi, e.g. --bound pixels=0:1');
    bounds.set(match[1], { lo, hi });
  }
  return bounds;
}

export class ArgumentError extends VouchError {
  override readonly name = 'ArgumentError';
  constructor(option: string, got: string, expected: string) {
    super(`${option} got "${got}"`, { metaMessages: [`expected ${expected}`] });
  }
}
