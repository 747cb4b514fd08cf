import { poseidonParameters } from '../field/poseidon.ts';
import type { Range } from '../quant/qgraph.ts';
import { bitLength, span } from '../quant/width.ts';
import { block, indent, literal, quoted } from './text.ts';

/** How a tensor stands in words: lanes of whole bytes, the first element most significant. */
export interface Lanes {
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
  readonly perWord: number;
  readonly words: number;
  readonly size: number;
}

const wordBytes = 31;

export function lanesOf(range: Range): Lanes {
  const [lo, hi] = span(range);
  const bytes = Math.max(1, Math.ceil(bitLength(hi - lo) / 8));
  const perWord = Math.floor(wordBytes / bytes);
  const size = range.lo.length;
  return { lo, hi, bytes, perWord, words: Math.ceil(size / perWord), size };
}

/** A tensor of which verifiers see its words, or a commitment to them. */
export interface Published {
  /** Name of the tensor, as the model calls it. */
  readonly title: string;
  /** The signal array of its elements. */
  readonly tensor: string;
  /** The public signal array: outputs are assigned, inputs are compared. */
  readonly signal: string;
  readonly direction: 'output' | 'input';
  readonly isHashed: boolean;
  readonly lanes: Lanes;
}

export function declarePublic({ title, signal, direction, isHashed, lanes }: Published): string {
  const what = isHashed ? 'its commitment' : 'its words';
  return `signal ${direction} ${signal}[${isHashed ? 1 : lanes.words}]; // ${quoted(title)}, ${what}`;
}

export const saltOf = ({ signal }: Published): string => `${signal}_salt`;

/**
 * word = Σ (value − lo)·256^(lane), and the commitment to all words where they are not shown themselves. Bounds prove that
 * every lane fits, so that the packing loses nothing.
 */
export function emitPublic(published: Published): string[] {
  const { tensor, signal, direction, isHashed, lanes } = published;
  const tie = direction === 'output' ? '<==' : '===';
  if (!isHashed) return packWords(signal, tie, tensor, lanes);
  const words = `${signal}_word`;
  return [
    `signal ${words}[${lanes.words}];`,
    ...packWords(words, '<==', tensor, lanes),
    `signal ${signal}_commitment <== Commitment(${lanes.words}, ${tagOf(lanes)})(${saltOf(published)}, ${words});`,
    `${signal}[0] ${tie} ${signal}_commitment;`,
  ];
}

function packWords(signal: string, tie: string, tensor: string, { lo, bytes, perWord, words, size }: Lanes): string[] {
  const weight = `2 ** (${8 * bytes} * (${perWord - 1} - lane))`;
  return block([
    `for (var s = 0; s < ${words}; s++) {`,
    ...indent([
      'var sum = 0;',
      `for (var lane = 0; lane < ${perWord} && s * ${perWord} + lane < ${size}; lane++) {`,
      `    sum += (${tensor}[s * ${perWord} + lane] - ${literal(lo)}) * ${weight};`,
      '}',
      `${signal}[s] ${tie} sum;`,
    ]),
    '}',
  ]);
}

/** "vouch-c1", lane bytes (1 byte), elements (4), lo (8, two's complement), hi − lo (8): where the sponge starts. */
function tagOf({ lo, hi, bytes, size }: Lanes): string {
  const field = (value: bigint, length: number): string =>
    BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, '0');
  const name = Array.from('vouch-c1', (letter) => letter.charCodeAt(0).toString(16)).join('');
  const numbers = [field(BigInt(bytes), 1), field(BigInt(size), 4), field(BigInt(lo), 8), field(BigInt(hi - lo), 8)];
  return `0x${name}${numbers.join('')}`;
}

/** The functions that the template of the permutation calls. */
export function poseidonFunctions(): string {
  const { constants, matrix } = poseidonParameters();
  const rows = (values: readonly (readonly bigint[])[]): string =>
    values.map((row) => `        [${row.map((value) => `0x${value.toString(16)}`).join(', ')}]`).join(',\n');
  return [
    ...['function poseidonConstants() {', '    return [', rows(constants), '    ];', '}', ''],
    ...['function poseidonMatrix() {', '    return [', rows(matrix), '    ];', '}', ''],
  ].join('\n');
}
