import { expect } from 'vitest';
import { describeUnsatisfied, findUnsatisfied } from '../../src/r1cs/check.ts';
import { findUntied } from '../../src/r1cs/untied.ts';
import { compileExample } from '../golden/example-model.ts';
import { Random } from '../r1cs/lower/random.ts';
import { isPlacement, subjectOf } from './forge.ts';
import { allOf, looseWires, unknownWires } from './jacobian.ts';
import { type Tally, tellLies } from './liar.ts';

/**
 * A whole model: its honest witness holds, no wire is untied or loose, and lies about every kind of node, hint and gadget that
 * it is made of are rejected by a row that names an ONNX node.
 */
export interface SoundnessOptions {
  /** Lies told about each kind of thing. */
  readonly most: number;
  /** Whether the rank of the Jacobian is worked out; elimination fills in where rows are dense and many. */
  readonly rank: boolean;
}

export async function expectSound(name: string, { most, rank }: SoundnessOptions): Promise<void> {
  const { quantised, circuit, values } = await compileExample(name);
  const { system, hints } = circuit;
  const subject = subjectOf(quantised.graph, circuit, values);
  const failure = findUnsatisfied(system, subject.witness);
  expect(failure && describeUnsatisfied(failure), 'the honest witness').toBeUndefined();
  expect(findUntied(system), 'untied wires').toEqual([]);
  if (rank) expect(looseWires(system, allOf(subject.witness), unknownWires(circuit)), 'loose wires').toEqual([]);
  const tally: Tally = new Map();
  tellLies(subject, tally, { random: new Random(5), elements: 2, wires: 2, most, what: name });
  const kinds = new Set([
    ...hints.hints.filter(isPlacement).map(({ kind }) => kind),
    ...Array.from(system.wireOrigin, (origin) => `gadget ${system.origins[origin].gadget}`),
    ...quantised.graph.nodes.map(({ kind }) => `node ${kind}`),
  ]);
  kinds.delete('node input');
  expect(
    [...kinds].filter((kind) => !tally.has(kind)),
    'nothing was rejected about',
  ).toEqual([]);
}
