import { expect } from 'vitest';
import type { NewQNode } from '../../../src/quant/builder.ts';
import type { QGraph } from '../../../src/quant/qgraph.ts';
import { GraphUnderTest } from '../../r1cs/lower/operand.ts';
import { Random } from '../../r1cs/lower/random.ts';
import { mod } from '../solver/linear.ts';
import { expectRejected, expectUnique, type Run, run } from '../unique.ts';

/** Every trap that the design names, at the widths that models have: the lie is given, everything else is searched. */

export type Operand = readonly [lo: number, bits: number, values: readonly number[]];

export const one = { shape: [1], scale: 1 } as const;

export function build(operands: readonly Operand[], node: (ids: readonly number[]) => NewQNode): QGraph {
  const graph = new GraphUnderTest(new Random(1));
  const ids = operands.map(([lo, bits, values]) => graph.input(values.length, lo, bits));
  return graph.finish(graph.push(node(ids)));
}

export function honest(operands: readonly Operand[], node: (ids: readonly number[]) => NewQNode): Run {
  const inputs = new Map(operands.map(([, , values], i) => [`x${i}`, Float64Array.from(values)]));
  return run(build(operands, node), inputs);
}

/** Wires of one gadget, by what an honest prover puts there. */
export function wiresHolding({ circuit, witness, given }: Run, value: number): number[] {
  return witness.flatMap((own, wire) =>
    wire > circuit.system.outputs && !given.has(wire) && own === mod(BigInt(value)) ? [wire] : [],
  );
}

/** The published copy of an element of the only output. */
export function publishedWire({ circuit }: Run, element = 0): number {
  const { system, outputs } = circuit;
  const start = system.wireStart.findIndex((_, i) => system.origins[system.wireOrigin[i]].gadget === 'publish');
  expect(outputs.length).toBe(1);
  return system.wireStart[start] + element;
}

export const publishing = (own: Run, ...values: readonly (number | bigint)[]): Map<number, bigint> =>
  new Map(values.map((value, i) => [publishedWire(own, i), mod(BigInt(value))]));

/** Every wire that is not given, moved in every plausible way, with all others free to follow. */
export function expectNoLie(own: Run, what: string): void {
  expectUnique(own, what);
  for (const [wire, value] of own.witness.entries()) {
    if (wire === 0 || own.given.has(wire)) continue;
    for (const lie of [value + 1n, value - 1n, -value, 1n - value, value + 2n ** 64n]) {
      if (mod(lie) === value) continue;
      expectRejected(own, new Map([[wire, mod(lie)]]), `${what}: wire ${wire} = ${lie} instead of ${value}`);
    }
  }
}
