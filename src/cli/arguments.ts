import { VouchError } from '../errors.ts';
import { isScalar } from '../field/bn254.ts';
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

/** `name=visibility` pairs of `--input` and `--output`. */
export function parseVisibilities<const T extends string>(
  option: string,
  pairs: readonly string[],
  choices: readonly T[],
): Map<string, T> {
  const visibilities = new Map<string, T>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const name = pair.slice(0, Math.max(0, at));
    const choice = choices.find((known) => known === pair.slice(at + 1));
    if (at < 1 || choice === undefined) throw new ArgumentError(option, pair, `name=${choices.join('|')}`);
    if (visibilities.has(name)) throw new ArgumentError(option, pair, `"${name}" once`);
    visibilities.set(name, choice);
  }
  return visibilities;
}

/** A number that a proof is bound to. */
export function parseBinding(option: string, text: string): bigint {
  const value = /^0x[0-9a-fA-F]{1,64}$/.test(text) ? BigInt(text) : -1n;
  if (!isScalar(value)) throw new ArgumentError(option, text, 'a hexadecimal number below the field modulus');
  return value;
}

export class ArgumentError extends VouchError {
  override readonly name = 'ArgumentError';
  constructor(option: string, got: string, expected: string) {
    super(`${option} got "${got}"`, { metaMessages: [`expected ${expected}`] });
  }
}
