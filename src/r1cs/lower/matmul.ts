import type { QMatMul, Range } from '../../quant/qgraph.ts';
import { freshWires } from '../gadgets/quantity.ts';
import type { Side } from '../side.ts';
import type { WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * Batched product of two computed matrices: one row per product of two values that both vary. A sum's last row carries
 * the sum: a·b = y − Σ other products − Σ linear terms, so that y is a wire without a row of its own. Every product wire
 * and y are determined in the field, and as integers because the bounds keep all partial sums below 2^53. Products with
 * a known factor are linear; a sum of those alone stays an expression. Rows: m·k·n per batch.
 */
export const lowerMatMul: Lower<'matmul'> = (context, node) => {
  const ranges = [rangeOfOperand(context, 0), rangeOfOperand(context, 1)] as const;
  const pairs = pairUp(node, ranges);
  const { system, hints, id, operands } = context;
  const [a, b] = operands;
  const origin = context.origin('product');
  const products = freshWires(context, productColumn(context, pairs), pairs.left.length, origin);
  const sums = system.allocateWires(pairs.sums.length, origin);
  hints.place({
    kind: 'copy',
    column: hints.derive({ kind: 'gather', columns: [id], index: pairs.sums }),
    first: sums,
  });
  const wireOf = new Float64Array(node.batch * node.m * node.n);
  let product = 0;
  for (let s = 0; s < pairs.sums.length; s++) {
    const out = pairs.sums[s];
    wireOf[out] = sums + s;
    const terms = termsOf(node, out);
    const varying = terms.filter(([p, q]) => isVarying(ranges, p, q));
    const start = product;
    for (const [place, [p, q]] of varying.entries()) {
      a.emit(system.a, p, 1);
      b.emit(system.b, q, 1);
      if (place < varying.length - 1) {
        products.emit(system.c, product++, 1);
      } else {
        system.c.add(wireOf[out], 1);
        for (let w = start; w < product; w++) products.emit(system.c, w, -1);
        for (const [l, r] of terms) if (!isVarying(ranges, l, r)) emitLinear(context, ranges, system.c, l, r, -1);
      }
      system.closeRow(origin);
    }
  }
  return tensorOf(context, node, ranges, wireOf);
};

type Ranges = readonly [Range, Range];

const isVarying = ([a, b]: Ranges, p: number, q: number): boolean => a.lo[p] < a.hi[p] && b.lo[q] < b.hi[q];

/** The factors of one element of the result. */
function termsOf({ m, k, n }: QMatMul, out: number): (readonly [number, number])[] {
  const column = out % n;
  const row = Math.floor(out / n);
  const batch = Math.floor(row / m);
  return Array.from({ length: k }, (_, j) => [row * k + j, (batch * k + j) * n + column] as const);
}

/** Elements with a product, and the factors of all their products but the last. */
function pairUp(node: QMatMul, ranges: Ranges): { sums: Int32Array; left: Int32Array; right: Int32Array } {
  const sums: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  for (let out = 0; out < node.batch * node.m * node.n; out++) {
    const varying = termsOf(node, out).filter(([p, q]) => isVarying(ranges, p, q));
    if (varying.length === 0) continue;
    sums.push(out);
    for (const [p, q] of varying.slice(0, -1)) {
      left.push(p);
      right.push(q);
    }
  }
  return { sums: Int32Array.from(sums), left: Int32Array.from(left), right: Int32Array.from(right) };
}

function productColumn({ hints, operands }: Lowering, pairs: { left: Int32Array; right: Int32Array }): number {
  const [a, b] = operands;
  return hints.derive({
    kind: 'product',
    left: hints.derive({ kind: 'gather', columns: [a.column], index: pairs.left }),
    right: hints.derive({ kind: 'gather', columns: [b.column], index: pairs.right }),
  });
}

/** A product with a known factor. */
function emitLinear({ operands }: Lowering, [a, b]: Ranges, side: Side, p: number, q: number, factor: number): void {
  if (a.lo[p] === a.hi[p]) operands[1].emit(side, q, factor * a.lo[p] + 0);
  else operands[0].emit(side, p, factor * b.lo[q] + 0);
}

function tensorOf(context: Lowering, node: QMatMul, ranges: Ranges, wireOf: Float64Array): WireTensor {
  return {
    size: wireOf.length,
    emit(side, i, factor) {
      if (wireOf[i] > 0) side.add(wireOf[i], factor);
      else for (const [p, q] of termsOf(node, i)) emitLinear(context, ranges, side, p, q, factor);
    },
  };
}
