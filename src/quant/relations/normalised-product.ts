import { type Element, keyOf, operandElement, trace } from '../../graph/trace.ts';
import type { QMul, QNode, Range } from '../qgraph.ts';
import { halfOf } from '../width.ts';

/**
 * A bound on c · (1/√(w·Σ c² + ε)) that does not depend on how large c can be: about 1/√w. Notation, for the integers
 * as the circuit enforces them: V = w·Σ c² + …, S = ⌊√(f·V)⌋, divisor S′ with S ≤ A·S′ + B, factor I ≤ D/S′ + 1/2.
 * Every c of the sum has c² ≤ (P·(S+1)²/f + Q)/w, so that |c|·I is bounded for each S′; the largest over its interval
 * bounds all. Requantisations on the way widen the inequalities by their rounding.
 */
export function normalisedProduct(node: QMul, nodes: readonly QNode[], ranges: readonly Range[], own: Range): Range {
  for (const [c, factor] of [node.inputs, [...node.inputs].reverse()]) {
    if (!couldBeQuotient(nodes, factor)) continue;
    const rows = new Map<string, Row | undefined>();
    const bounds = own.lo.map((_, i) => boundOf(nodes, ranges, rows, trace(nodes, c, i), trace(nodes, factor, i)));
    return { lo: own.lo.map((v, i) => Math.max(v, -bounds[i])), hi: own.hi.map((v, i) => Math.min(v, bounds[i])) };
  }
  return own;
}

/** Most products have no quotient of a constant for a factor, and need no closer look. */
function couldBeQuotient(nodes: readonly QNode[], id: number): boolean {
  const node = nodes[id];
  if (node.kind === 'map' || node.kind === 'rescale') return couldBeQuotient(nodes, node.inputs[0]);
  return node.kind === 'divide' && node.mode === 'nearest' && nodes[node.inputs[0]].kind === 'const';
}

function boundOf(
  nodes: readonly QNode[],
  ranges: readonly Range[],
  rows: Map<string, Row | undefined>,
  c: Element,
  factor: Element,
): number {
  const key = keyOf(factor);
  if (!rows.has(key)) rows.set(key, rowOf(nodes, ranges, factor));
  const row = rows.get(key);
  const link = row === undefined ? undefined : linkOf(nodes, row, c);
  if (row === undefined || link === undefined) return Number.POSITIVE_INFINITY;
  const name = `${link.gain} ${link.slack}`;
  const found = row.bounds.get(name) ?? largest(row, link);
  row.bounds.set(name, found);
  return found;
}

/** x ≤ gain·y + slack. */
interface Line {
  readonly gain: number;
  readonly slack: number;
}

const through = (outer: Line, inner: Line): Line => ({
  gain: outer.gain * inner.gain,
  slack: outer.gain * inner.slack + outer.slack,
});

/** One row of a normalisation, in the notation above. */
interface Row {
  readonly dividend: number;
  readonly factorShift: number;
  /** The interval of S′. */
  readonly least: number;
  readonly most: number;
  /** S in terms of S′, and w·Σ c² in terms of V. */
  readonly root: Line;
  readonly energy: Line;
  readonly rootFactor: number;
  readonly weight: number;
  readonly squareShift: number;
  /** Each c of the sum by the value it is before a requantisation by 2^shift. */
  readonly squares: ReadonlyMap<string, Square>;
  /** Bounds worked out so far, by how |c| relates to what is squared. */
  readonly bounds: Map<string, number>;
}

interface Square {
  readonly c: string;
  readonly shift: number;
}

function rowOf(nodes: readonly QNode[], ranges: readonly Range[], factor: Element): Row | undefined {
  let at = factor;
  let factorShift = 0;
  const requantised = nodes[at.node];
  if (requantised.kind === 'rescale') {
    factorShift = requantised.shift;
    at = trace(nodes, requantised.inputs[0], at.index);
  }
  const quotient = nodes[at.node];
  if (quotient.kind !== 'divide' || quotient.mode !== 'nearest') return undefined;
  const numerator = trace(nodes, quotient.inputs[0], at.index);
  const constant = nodes[numerator.node];
  const divisor = trace(nodes, quotient.inputs[1], at.index);
  if (constant.kind !== 'const') return undefined;
  const root = descend(nodes, ranges, divisor);
  const sqrt = nodes[root.at.node];
  if (sqrt.kind !== 'sqrt') return undefined;
  const energy = descend(nodes, ranges, trace(nodes, sqrt.inputs[0], root.at.index));
  const sum = squaresOf(nodes, energy.at);
  if (sum === undefined) return undefined;
  const { lo, hi } = ranges[divisor.node];
  return {
    dividend: quotient.factor * Math.abs(constant.data[numerator.index]),
    factorShift,
    least: Math.max(1, lo[divisor.index]),
    most: hi[divisor.index],
    root: root.line,
    energy: through({ gain: 1, slack: -sum.bias }, energy.line),
    rootFactor: sqrt.factor,
    weight: sum.weight,
    squareShift: sum.shift,
    squares: sum.squares,
    bounds: new Map(),
  };
}

/** Goes back through nodes that only scale, shift up, cut from below or round; the line bounds what is found there. */
function descend(nodes: readonly QNode[], ranges: readonly Range[], from: Element) {
  let at = from;
  let line: Line = { gain: 1, slack: 0 };
  for (;;) {
    const node = nodes[at.node];
    const next = node.inputs.length === 0 ? undefined : trace(nodes, node.inputs[0], at.index);
    const step = next === undefined ? undefined : stepOf(nodes, ranges, node, at.index, next);
    if (next === undefined || step === undefined) return { at, line };
    line = through(step, line);
    at = next;
  }
}

/** The operand of a node in terms of its result. */
function stepOf(
  nodes: readonly QNode[],
  ranges: readonly Range[],
  node: QNode,
  index: number,
  operand: Element,
): Line | undefined {
  if (node.kind === 'rescale') return { gain: 2 ** node.shift, slack: halfOf(node.shift) };
  if (node.kind === 'clip')
    return ranges[operand.node].hi[operand.index] <= node.hi ? { gain: 1, slack: 0 } : undefined;
  if (node.kind !== 'add' || !(node.coefficients[0] > 0)) return undefined;
  const gain = 1 / node.coefficients[0];
  if (node.inputs.length === 1) return { gain, slack: 0 };
  const offset = nodes[node.inputs[1]];
  if (node.inputs.length !== 2 || offset.kind !== 'const') return undefined;
  return { gain, slack: -gain * node.coefficients[1] * offset.data[index] };
}

/**
 * The squares that an element of an affine map sums with one weight. They may have been requantised by 2^shift, which
 * keeps each within half a unit, and none negative.
 */
function squaresOf(nodes: readonly QNode[], { node, index }: Element) {
  const sum = nodes[node];
  if (sum.kind !== 'affine') return undefined;
  const { outs, positions, depth, gather, weight, bias } = sum;
  const channel = Math.floor(index / positions);
  const group = Math.floor(channel / outs);
  const w = weight[channel * depth];
  for (let k = 0; k < depth; k++) if (weight[channel * depth + k] !== w) return undefined;
  if (!(w > 0)) return undefined;
  const first = (group * positions + (index % positions)) * depth;
  const squares = new Map<string, Square>();
  let shift = 0;
  for (let k = first; k < first + depth; k++) {
    const member = operandElement(nodes, sum.inputs, gather[k]);
    if (member === undefined) continue;
    const root = unrounded(nodes, trace(nodes, member.node, member.index));
    const square = nodes[root.at.node];
    if (square.kind !== 'mul' || square.inputs[0] !== square.inputs[1]) return undefined;
    shift = Math.max(shift, root.shift);
    const c = trace(nodes, square.inputs[0], root.at.index);
    const before = unrounded(nodes, c);
    squares.set(keyOf(before.at), { c: keyOf(c), shift: before.shift });
  }
  return { squares, shift, weight: w, bias: bias[bias.length === sum.groups * outs ? channel : index] ?? 0 };
}

/** |c| in terms of the |c| that is squared, where the two are the same value, perhaps requantised differently. */
function linkOf(nodes: readonly QNode[], { squares }: Row, c: Element): Line | undefined {
  const own = unrounded(nodes, c);
  const square = squares.get(keyOf(own.at));
  if (square === undefined) return undefined;
  if (square.c === keyOf(c)) return { gain: 1, slack: 0 };
  const up = { gain: 2 ** square.shift, slack: halfOf(square.shift) };
  return through({ gain: 2 ** -own.shift, slack: own.shift > 0 ? 0.5 : 0 }, up);
}

function unrounded(nodes: readonly QNode[], c: Element): { readonly at: Element; readonly shift: number } {
  const node = nodes[c.node];
  if (node.kind !== 'rescale' || node.relu) return { at: c, shift: 0 };
  return { at: trace(nodes, node.inputs[0], c.index), shift: node.shift };
}

/** The largest |c|·I over the interval of S′, bounded piece by piece. */
function largest(row: Row, link: Line): number {
  let most = 0;
  for (let from = row.least; from <= row.most; ) {
    const to = Math.min(row.most, Math.max(from, Math.floor(from * 1.02)));
    const s = row.root.gain * to + row.root.slack;
    const energy = row.energy.gain * ((s + 1) ** 2 / row.rootFactor) + row.energy.slack;
    const square = 2 ** row.squareShift * (Math.max(0, energy) / row.weight) + halfOf(row.squareShift);
    const c = link.gain * Math.sqrt(square) + link.slack;
    const whole = Math.floor(row.dividend / from + 0.5);
    const factor = row.factorShift === 0 ? whole : Math.floor(whole / 2 ** row.factorShift + 0.5);
    if (factor === 0) break;
    most = Math.max(most, c * factor);
    from = to + 1;
  }
  return Math.ceil(most * (1 + 1e-9));
}
