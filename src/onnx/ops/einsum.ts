import type { GraphBuilder, ValueId } from '../../graph/builder.ts';
import { sumOver } from '../../graph/compose/linear.ts';
import { broadcastTo, move, reshape, transpose } from '../../graph/compose/movement.ts';
import { batchedProduct } from '../../graph/compose/product.ts';
import { sizeOf, stridedIndex, stridesOf } from '../../tensor/shape.ts';
import { allInputs, type OpContext, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** A tensor with one label per axis; no label twice. */
interface Term {
  readonly id: ValueId;
  readonly labels: readonly string[];
}

/** Operands are contracted from left to right; a label is summed away as soon as nothing later needs it. */
function einsum(context: OpContext): ValueId[] {
  const { b } = context;
  const ids = allInputs(context);
  const { operands, result } = parse(
    context.attributes.string('equation'),
    ids.map((id) => b.shape(id).length),
  );
  const terms = ids.map((id, i) => diagonal(b, id, operands[i]));
  const sizes = labelSizes(b, terms);
  const wanted = (from: number): Set<string> => new Set([...result, ...terms.slice(from).flatMap((t) => t.labels)]);
  let whole = sumUnwanted(b, terms[0], wanted(1));
  for (const [i, term] of terms.entries()) {
    if (i > 0)
      whole = contract(b, whole, sumUnwanted(b, term, new Set([...wanted(i + 1), ...whole.labels])), wanted(i + 1));
  }
  return [arrange(b, whole, result, sizes)];
}

/** Labels of each operand and of the result; an ellipsis becomes labels of its own, aligned at the right. */
function parse(equation: string, ranks: readonly number[]): { operands: string[][]; result: string[] } {
  const [left, right] = equation.replaceAll(/\s/g, '').split('->');
  const parts = left.split(',');
  const malformed = (): UnsupportedError =>
    new UnsupportedError(`the equation "${equation}" does not fit its operands`, 'Check the equation and the ranks.');
  if (parts.length !== ranks.length) throw malformed();
  let widest = 0;
  const operands = parts.map((part, i) => {
    const named = part.replace('...', '');
    const hidden = ranks[i] - named.length;
    if (!/^[A-Za-z]*$/.test(named) || hidden < 0 || (hidden > 0 && !part.includes('...'))) throw malformed();
    widest = Math.max(widest, part.includes('...') ? hidden : 0);
    return expand(part, hidden);
  });
  const implied = (): string => {
    const counts = new Map<string, number>();
    for (const label of operands.flat().filter((l) => l.length === 1)) counts.set(label, (counts.get(label) ?? 0) + 1);
    return `...${[...counts]
      .flatMap(([label, count]) => (count === 1 ? [label] : []))
      .sort()
      .join('')}`;
  };
  const result = expand(right ?? implied(), widest);
  const known = new Set(operands.flat());
  if (new Set(result).size !== result.length || result.some((label) => !known.has(label))) throw malformed();
  return { operands, result };
}

/** `ab...c` with two hidden axes is a, b, .1, .0, c. */
function expand(part: string, hidden: number): string[] {
  const [before, after] = part.split('...');
  const dots = after === undefined ? [] : Array.from({ length: hidden }, (_, i) => `.${hidden - 1 - i}`);
  return [...before, ...dots, ...(after ?? '')];
}

/** Reads repeated labels of one operand along their diagonal. */
function diagonal(b: GraphBuilder, id: ValueId, labels: readonly string[]): Term {
  const distinct = [...new Set(labels)];
  if (distinct.length === labels.length) return { id, labels };
  const shape = b.shape(id);
  const strides = stridesOf(shape);
  const target = distinct.map((label) => shape[labels.indexOf(label)]);
  const steps = distinct.map((label) => labels.reduce((sum, l, axis) => sum + (l === label ? strides[axis] : 0), 0));
  if (labels.some((label, axis) => shape[axis] !== shape[labels.indexOf(label)])) {
    throw new UnsupportedError(`axes of one label differ in size in [${shape}]`, 'Check the equation.');
  }
  return { id: move(b, [id], target, stridedIndex(target, steps)), labels: distinct };
}

function labelSizes(b: GraphBuilder, terms: readonly Term[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { id, labels } of terms) {
    for (const [axis, label] of labels.entries()) {
      const size = b.shape(id)[axis];
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        throw new UnsupportedError(`label "${label}" has sizes ${known} and ${size}`, 'Check the operands.');
      }
      sizes.set(label, known === 1 ? size : known);
    }
  }
  return sizes;
}

function sumUnwanted(b: GraphBuilder, { id, labels }: Term, wanted: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  if (axes.length === 0) return { id, labels };
  return { id: sumOver(b, id, axes), labels: labels.filter((label) => wanted.has(label)) };
}

/** The product of two terms, summed over their common labels that nothing later needs. */
function contract(b: GraphBuilder, left: Term, right: Term, wanted: ReadonlySet<string>): Term {
  const [l, r] = [squeeze(b, left, right), squeeze(b, right, left)];
  const common = l.labels.filter((label) => r.labels.includes(label));
  const batch = common.filter((label) => wanted.has(label));
  const inner = common.filter((label) => !wanted.has(label));
  const rows = l.labels.filter((label) => !common.includes(label));
  const columns = r.labels.filter((label) => !common.includes(label));
  const size = (labels: readonly string[], of: Term): number =>
    sizeOf(labels.map((label) => b.shape(of.id)[of.labels.indexOf(label)]));
  const product = batchedProduct(
    b,
    arranged(b, l, [...batch, ...rows, ...inner]),
    arranged(b, r, [...batch, ...inner, ...columns]),
    { batch: size(batch, l), m: size(rows, l), k: size(inner, l), n: size(columns, r) },
  );
  const labels = [...batch, ...rows, ...columns];
  const sizes = labels.map((label) => (l.labels.includes(label) ? size([label], l) : size([label], r)));
  return sumUnwanted(b, { id: reshape(b, product, sizes), labels }, wanted);
}

/** Drops axes of size 1 that the other term has with another size: they broadcast. */
function squeeze(b: GraphBuilder, { id, labels }: Term, other: Term): Term {
  const shape = b.shape(id);
  const kept = labels.flatMap((label, axis) => {
    const j = other.labels.indexOf(label);
    return shape[axis] === 1 && j >= 0 && b.shape(other.id)[j] !== 1 ? [] : [axis];
  });
  if (kept.length === labels.length) return { id, labels };
  return {
    id: reshape(
      b,
      id,
      kept.map((axis) => shape[axis]),
    ),
    labels: kept.map((axis) => labels[axis]),
  };
}

const arranged = (b: GraphBuilder, { id, labels }: Term, order: readonly string[]): ValueId =>
  transpose(
    b,
    id,
    order.map((label) => labels.indexOf(label)),
  );

/** The result's axes in their order; a label whose axis was squeezed away everywhere is broadcast back. */
function arrange(b: GraphBuilder, term: Term, result: readonly string[], sizes: ReadonlyMap<string, number>): ValueId {
  const present = result.filter((label) => term.labels.includes(label));
  const id = arranged(b, term, present);
  const shape = result.map((label) => sizes.get(label) ?? 1);
  const own = result.map((label) =>
    term.labels.includes(label) ? (b.shape(term.id)[term.labels.indexOf(label)] ?? 1) : 1,
  );
  return broadcastTo(b, reshape(b, id, own), shape);
}

export const ops: OpTable = { Einsum: einsum };
