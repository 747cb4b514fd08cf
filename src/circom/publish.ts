import type { Range } from '../quant/qgraph.ts';
import { bitLength, span } from '../quant/width.ts';
import { block, indent, literal } from './text.ts';

/** How a tensor stands in public signals: lanes of whole bytes, the first element most significant. */
export interface Lanes {
  readonly lo: number;
  readonly bytes: number;
  readonly perSignal: number;
  readonly signals: number;
  readonly size: number;
}

const signalBytes = 31;

export function lanesOf(range: Range): Lanes {
  const [lo, hi] = span(range);
  const bytes = Math.max(1, Math.ceil(bitLength(hi - lo) / 8));
  const perSignal = Math.floor(signalBytes / bytes);
  const size = range.lo.length;
  return { lo, bytes, perSignal, signals: Math.ceil(size / perSignal), size };
}

/** signal = Σ (value − lo)·256^(lane). The bounds prove that every lane fits, so that the packing loses nothing. */
export function emitPacking(signal: string, tensor: string, { lo, bytes, perSignal, signals, size }: Lanes): string[] {
  return block([
    `for (var s = 0; s < ${signals}; s++) {`,
    ...indent([
      'var sum = 0;',
      `for (var lane = 0; lane < ${perSignal}; lane++) {`,
      ...indent([
        `if (s * ${perSignal} + lane < ${size}) {`,
        ...indent([
          `sum += (${tensor}[s * ${perSignal} + lane] - ${literal(lo)}) * 2 ** (${8 * bytes} * (${perSignal - 1} - lane));`,
        ]),
        '}',
      ]),
      '}',
      `${signal}[s] <== sum;`,
    ]),
    '}',
  ]);
}
