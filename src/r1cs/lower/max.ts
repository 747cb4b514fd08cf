import { endsOf, joinRanges, maxStep, operandOf } from '../../quant/max-plan.ts';
import { isAbsolute } from '../../quant/order-ranges.ts';
import type { QMax, Range } from '../../quant/qgraph.ts';
import { signedWidth } from '../../quant/width.ts';
import { Assembly, combine, indicesWhere, materialise, pick } from '../gadgets/quantity.ts';
import { raise, rectify } from '../gadgets/sign.ts';
import { type Quantity, scatteredWires, type WireTensor } from '../wire-tensor.ts';
import { type Lower, type Lowering, rangeOfOperand } from './context.ts';

/**
 * Maximum of every window, member by member: m' = m + max(0, x − m), where the positive part is determined by x and m
 * (gadgets/sign.ts), so that no choice is left to the prover and equal members need no rule. A member that its bounds
 * exclude costs nothing; one whose bounds lie above m's replaces it. The first member is named twice and so gets a wire
 * when it is dense. max(x, −x) is 2·max(0, x) − x. Rows: b + 3 per further member, b the bits of the values.
 */
export const lowerMax: Lower<'max'> = (context, node) => {
  if (isAbsolute(node, context.graph.nodes)) return magnitude(context);
  const running = new Running(context, node);
  for (let k = 0; k < node.window; k++) running.meet(k);
  return running.finish();
};

function magnitude(context: Lowering): WireTensor {
  const [x] = context.operands;
  const { lo, hi } = rangeOfOperand(context, 0);
  const result = new Assembly(context.ranges[context.id].lo);
  const oneSign = (sign: 1 | -1, elements: Int32Array): void => {
    if (elements.length > 0) result.put(elements, combine(context, [[pick(context, [x], elements), sign]], 0));
  };
  oneSign(
    1,
    indicesWhere(x.size, (i) => lo[i] >= 0 && hi[i] > lo[i]),
  );
  oneSign(
    -1,
    indicesWhere(x.size, (i) => lo[i] < 0 && hi[i] <= 0 && hi[i] > lo[i]),
  );
  const both = indicesWhere(x.size, (i) => lo[i] < 0 && hi[i] > 0);
  if (both.length > 0) {
    const part = pick(context, [x], both);
    const widths = Uint8Array.from(both, (i) => signedWidth(lo[i], hi[i]));
    const positive = rectify(context, part, widths, context.origin('magnitude'));
    const parts = [
      [positive, 2],
      [part, -1],
    ] as const;
    result.put(both, combine(context, parts, 0));
  }
  return result.finish();
}

/** What a window compares next: member x, and the width of x − m. */
interface Contest {
  readonly window: number;
  readonly member: number;
  readonly width: number;
}

/** The maxima so far: a member itself, or a wire of this node. */
class Running {
  readonly #context: Lowering;
  readonly #node: QMax;
  readonly #windows: number;
  readonly #ends: readonly number[];
  readonly #member: Int32Array;
  readonly #wire: Uint32Array;
  readonly #bounds: Range;
  readonly #lo: Float64Array;
  readonly #hi: Float64Array;
  #column: number;

  constructor(context: Lowering, node: QMax) {
    const ranges = node.inputs.map((_, index) => rangeOfOperand(context, index));
    this.#context = context;
    this.#node = node;
    this.#windows = node.gather.length / node.window;
    this.#ends = endsOf(ranges);
    this.#member = new Int32Array(this.#windows).fill(-1);
    this.#wire = new Uint32Array(this.#windows);
    this.#bounds = joinRanges(ranges);
    this.#lo = new Float64Array(this.#windows);
    this.#hi = new Float64Array(this.#windows);
    this.#column = context.hints.derive({ kind: 'gather', columns: [], index: this.#member.slice() });
  }

  /** Takes the k-th member of every window into account. */
  meet(k: number): void {
    const { gather, window } = this.#node;
    const { lo, hi } = this.#bounds;
    const contests: Contest[] = [];
    const source = Int32Array.from({ length: this.#windows }, (_, p) => p);
    for (let p = 0; p < this.#windows; p++) {
      const x = gather[p * window + k];
      if (x < 0) continue;
      const empty = this.#member[p] < 0 && this.#wire[p] === 0;
      const step = empty ? 'take' : maxStep(this.#lo[p], this.#hi[p], lo[x], hi[x]);
      if (step === 'keep') continue;
      if (step === 'take') {
        this.#member[p] = x;
        this.#wire[p] = 0;
        source[p] = this.#windows + x;
        [this.#lo[p], this.#hi[p]] = [lo[x], hi[x]];
        continue;
      }
      contests.push({ window: p, member: x, width: signedWidth(lo[x] - this.#hi[p], hi[x] - this.#lo[p]) });
      [this.#lo[p], this.#hi[p]] = [Math.max(this.#lo[p], lo[x]), Math.max(this.#hi[p], hi[x])];
    }
    this.#settle(contests, source);
  }

  finish(): WireTensor {
    const result = new Assembly(this.#context.ranges[this.#context.id].lo);
    const members = indicesWhere(this.#windows, (p) => this.#member[p] >= 0);
    const index = Int32Array.from(members, (p) => this.#member[p]);
    if (members.length > 0) result.put(members, pick(this.#context, this.#context.operands, index));
    const own = indicesWhere(this.#windows, (p) => this.#member[p] < 0);
    result.put(own, scatteredWires(Uint32Array.from(own, (p) => this.#wire[p])));
    return result.finish();
  }

  #termsOf(member: number): number {
    return this.#context.operands[operandOf(this.#ends, member)].terms;
  }

  #settle(contests: readonly Contest[], source: Int32Array): void {
    const context = this.#context;
    const { hints } = context;
    this.#nameDense(contests);
    const held = ({ window }: Contest): number => (this.#member[window] < 0 ? 1 : this.#termsOf(this.#member[window]));
    const columns = [this.#column, ...context.operands.map(({ column }) => column)];
    let offset = this.#windows + this.#bounds.lo.length;
    for (const single of [true, false]) {
      const group = contests.filter((contest) => held(contest) + this.#termsOf(contest.member) <= 1 === single);
      if (group.length === 0) continue;
      const y = this.#compare(group, single ? 1 : 2);
      columns.push(y.column);
      for (const [i, { window }] of group.entries()) {
        source[window] = offset + i;
        this.#wire[window] = y.first + i;
      }
      offset += group.length;
    }
    for (const { window } of contests) this.#member[window] = -1;
    this.#column = hints.derive({ kind: 'gather', columns, index: source });
  }

  /** Wires for dense members that a comparison starts from. */
  #nameDense(contests: readonly Contest[]): void {
    const context = this.#context;
    const dense = contests.filter(({ window }) => this.#member[window] >= 0 && this.#termsOf(this.#member[window]) > 1);
    if (dense.length === 0) return;
    const index = Int32Array.from(dense, ({ window }) => this.#member[window]);
    const origin = context.origin('shared');
    const first = context.system.wires;
    materialise(context, pick(context, context.operands, index), origin);
    for (const [i, { window }] of dense.entries()) {
      this.#wire[window] = first + i;
      this.#member[window] = -1;
    }
  }

  #compare(group: readonly Contest[], terms: number): Quantity & { readonly first: number } {
    const context = this.#context;
    const windows = Int32Array.from(group, ({ window }) => window);
    const m = { ...pick(context, [this.#current()], windows), terms: 1 };
    const x = pick(
      context,
      context.operands,
      Int32Array.from(group, ({ member }) => member),
    );
    const parts = [
      [x, 1],
      [m, -1],
    ] as const;
    const lead = { ...combine(context, parts, 0), terms };
    const widths = Uint8Array.from(group, ({ width }) => width);
    return raise(context, m, lead, widths, context.origin('max'));
  }

  /** The maxima so far as expressions; a snapshot, because later rounds replace them. */
  #current(): Quantity {
    const { operands } = this.#context;
    const [member, wire, ends] = [this.#member.slice(), this.#wire.slice(), this.#ends];
    return {
      size: this.#windows,
      terms: 1,
      column: this.#column,
      emit(side, i, factor) {
        if (member[i] < 0) {
          side.add(wire[i], factor);
          return;
        }
        const operand = operandOf(ends, member[i]);
        operands[operand].emit(side, member[i] - (operand === 0 ? 0 : ends[operand - 1]), factor);
      },
    };
  }
}
