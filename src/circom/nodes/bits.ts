import { bitLength, signedWidth } from '../../quant/width.ts';
import { type Emission, type Emit, indices, isKnown, type Operand } from '../emission.ts';
import { literal, sumOf } from '../text.ts';
import { assignKnown, assignSame, knownElements } from './linear.ts';
import { assignQuotient } from './round.ts';

/** Two's complement: wrap to a type, shift right, and pairs of bits. */
export const emitBits: Emit<'bits'> = (emission) => {
  const { node, own } = emission;
  if (node.op === 'wrap') return wrap(emission, node.width, node.signed);
  if (node.op === 'shr') {
    if (node.amount === 0)
      return assignSame(
        emission,
        indices(own.lo.length, () => true),
      );
    const open = indices(own.lo.length, (i) => !isKnown(own, i));
    return [...assignKnown(emission, knownElements(emission)), ...assignQuotient(emission, open, node.amount)];
  }
  const { op } = node;
  return Array.from(own.lo, (_, i) => pairwise(emission, op, i)).flat();
};

function wrap({ name, own, operands }: Emission, width: number, signed: boolean): string[] {
  const [{ name: x, range }] = operands;
  const least = signed ? -(2 ** (width - 1)) : 0;
  const turn = (value: number): number => Math.floor((value - least) / 2 ** width);
  return Array.from(own.lo, (_, i) => {
    const [first, last] = [turn(range.lo[i]), turn(range.hi[i])];
    if (first === last) return `${name}[${i}] <== ${sumOf([[1, `${x}[${i}]`]], -first * 2 ** width)};`;
    const bits = bitLength(last - first);
    return `${name}[${i}] <== Wrap(${width}, ${literal(least)}, ${literal(first)}, ${bits})(${x}[${i}]);`;
  });
}

/** The bits of one operand, the lowest first, as expressions; known ones as numbers. */
interface BitTexts {
  readonly lines: readonly string[];
  readonly known: boolean;
  readonly bits: readonly string[];
}

/** and = Σ p_k, or = Σ a_k + b_k − p_k, xor = Σ a_k + b_k − 2·p_k with p_k = a_k·b_k; the top bit of signed ones is negative. */
function pairwise({ name, operands }: Emission, op: 'and' | 'or' | 'xor', i: number): string[] {
  const [a, b = a] = operands;
  const signed = a.range.lo[i] < 0 || b.range.lo[i] < 0;
  const width = ({ range }: Operand): number => signedWidth(range.lo[i], range.hi[i]);
  const common = signed ? Math.max(width(a), width(b)) : 0;
  const left = bitsOf(a, i, `${name}_a${i}`, common);
  const right = bitsOf(b, i, `${name}_b${i}`, common);
  const lines = [...left.lines, ...right.lines];
  const pairs = Math.min(left.bits.length, right.bits.length);
  const products = `${name}_and${i}`;
  const multiplied = !left.known && !right.known && pairs > 0;
  if (multiplied) {
    const array = (texts: readonly string[]): string => `[${texts.slice(0, pairs).join(', ')}]`;
    lines.push(`signal ${products}[${pairs}] <== AndBits(${pairs})(${array(left.bits)}, ${array(right.bits)});`);
  }
  const product = (k: number): string => (multiplied ? `${products}[${k}]` : `(${left.bits[k]}) * (${right.bits[k]})`);
  const [pair, single] = { and: [1, 0], or: [-1, 1], xor: [-2, 1] }[op];
  const terms: (readonly [number, string])[] = [];
  const count = Math.max(left.bits.length, right.bits.length);
  for (let k = 0; k < count; k++) {
    const weight = signed && k === count - 1 ? -(2 ** k) : 2 ** k;
    if (k < pairs) terms.push([pair * weight, product(k)]);
    for (const { bits } of [left, right]) if (k < bits.length) terms.push([single * weight, `(${bits[k]})`]);
  }
  return [...lines, `${name}[${i}] <== ${sumOf(terms)};`];
}

/** `width` bits of two's complement, or what a number without sign needs where `width` is 0. */
function bitsOf({ name, range }: Operand, i: number, own: string, width: number): BitTexts {
  const [lo, hi] = [range.lo[i], range.hi[i]];
  const count = width === 0 ? bitLength(hi) : width;
  const each = (text: (k: number) => string): string[] => Array.from({ length: count }, (_, k) => text(k));
  if (lo === hi) return { lines: [], known: true, bits: each((k) => `${Math.abs(Math.floor(lo / 2 ** k) % 2)}`) };
  if (width === 0 && hi <= 1) return { lines: [], known: false, bits: [`${name}[${i}]`] };
  const offset = width === 0 ? 0 : 2 ** (width - 1);
  return {
    lines: [`signal ${own}[${count}] <== Bits(${count})(${name}[${i}] + ${offset});`],
    known: false,
    bits: each((k) => (width > 0 && k === width - 1 ? `1 - ${own}[${k}]` : `${own}[${k}]`)),
  };
}
