import { createQBuilder, type NewQNode, type QBuilder } from '../../../src/quant/builder.ts';
import { interpret, RangeOverflowError } from '../../../src/quant/interpret.ts';
import type { QGraph, QInput, Range } from '../../../src/quant/qgraph.ts';
import type { Random } from './random.ts';

/** Where values come from: a wire, a sum of several, numbers, or numbers here and wires there. */
export type OperandForm = 'wire' | 'dense' | 'known' | 'mixed';

/** Builds a graph around one node under test; every operand is made from inputs of its own. */
export class GraphUnderTest {
  readonly q: QBuilder = createQBuilder();
  readonly #random: Random;
  #inputs = 0;

  constructor(random: Random) {
    this.#random = random;
    this.q.from({ node: 'under_test', op: 'Test' });
  }

  push(node: NewQNode): number {
    return this.q.push(node);
  }

  input(size: number, lo: number, bits: number): number {
    const name = `x${this.#inputs++}`;
    return this.q.push({ kind: 'input', inputs: [], shape: [size], scale: 1, name, zero: 0, lo, bits });
  }

  constant(data: Float64Array): number {
    return this.q.push({ kind: 'const', inputs: [], shape: [data.length], scale: 1, data });
  }

  /** `size` values of about `bits` bits from about `lo` on. */
  operand(form: OperandForm, size: number, lo: number, bits: number): number {
    const random = this.#random;
    switch (form) {
      case 'wire':
        return this.input(size, lo, bits);
      case 'known':
        return this.constant(random.ints(size, lo, lo + 2 ** bits - 1));
      case 'dense':
        return this.dense(size, lo, bits);
      case 'mixed': {
        const inputs = [this.input(size, lo, bits)];
        const source = Int32Array.from({ length: size }, () => (random.chance(0.4) ? -1 : random.int(0, size - 1)));
        const fill = random.int(lo, lo + 2 ** bits - 1);
        return this.q.push({ kind: 'map', inputs, shape: [size], scale: 1, source, fill });
      }
    }
  }

  /** Sums of three inputs each, so that a gadget must not write them twice. */
  dense(size: number, lo: number, bits: number): number {
    const random = this.#random;
    const part = Math.max(1, bits - 2);
    const depth = 3;
    const x = this.input(depth * size, 0, part);
    return this.q.push({
      kind: 'affine',
      inputs: [x],
      shape: [size],
      scale: 1,
      groups: size,
      outs: 1,
      positions: 1,
      depth,
      gather: Int32Array.from({ length: depth * size }, (_, i) => i),
      weight: Float64Array.from({ length: depth * size }, () => random.pick([1, -1, 1, 2])),
      bias: random.ints(size, lo, lo + 2 ** (bits - 1)),
    });
  }

  finish(...outputs: readonly number[]): QGraph {
    return this.q.finish(outputs.map((node, i) => ({ name: `y${i}`, node })));
  }
}

/** Inputs at a corner of their bounds, or anywhere inside. */
export function someInputs(
  graph: QGraph,
  ranges: readonly Range[],
  random: Random,
  where: 'lowest' | 'highest' | 'corners' | 'anywhere',
): Map<string, Float64Array> {
  const inputs = new Map<string, Float64Array>();
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind !== 'input') continue;
    const { lo, hi } = ranges[id];
    const value = (i: number): number => {
      const corner = where === 'lowest' || (where === 'corners' && random.chance(0.5));
      if (where === 'anywhere') return random.int(lo[i], hi[i]);
      return corner ? lo[i] : hi[i];
    };
    inputs.set(
      node.name,
      Float64Array.from(lo, (_, i) => value(i)),
    );
  }
  return inputs;
}

/** Every node's value; nothing for inputs that an enforced width refuses. */
export function valuesFor(graph: QGraph, inputs: ReadonlyMap<string, Float64Array>): Float64Array[] | undefined {
  try {
    return interpret(graph, inputs);
  } catch (error) {
    if (error instanceof RangeOverflowError) return undefined;
    throw error;
  }
}

export const isInput = (node: { kind: string }): node is QInput => node.kind === 'input';
