import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { elementAt } from '../../src/field/vector.ts';
import { describeUnsatisfied } from '../../src/r1cs/check.ts';
import type { Hint } from '../../src/r1cs/hints.ts';
import { originOfWire } from '../../src/r1cs/system.ts';
import type { Random } from '../r1cs/lower/random.ts';
import {
  isDerivation,
  isPlacement,
  lieAboutColumn,
  lieAboutNode,
  lieAboutWire,
  type Subject,
  type Verdict,
} from './forge.ts';

export interface LiarOptions {
  readonly random: Random;
  /** Elements of each node and each column that are lied about, at most. */
  readonly elements: number;
  /** Wires of each origin that are lied about, at most. */
  readonly wires: number;
  readonly what: string;
}

/** Rejected lies by what they were about: a node's kind, or a hint's. */
export type Tally = Map<string, number>;

/** Tells lies of every kind about a circuit; none may be accepted, and each rejection names a node of the graph. */
export function tellLies(subject: Subject, tally: Tally, options: LiarOptions): void {
  const names = new Set(subject.graph.nodes.map(({ origin }) => origin.node));
  const hear = (kind: string, verdict: Verdict, what: () => string): void => {
    if (verdict === 'no difference' || verdict === 'no witness') return;
    if (verdict === 'ACCEPTED') expect.fail(`${options.what}: ${what()} was accepted`);
    const { node, gadget } = verdict.origin;
    if (!names.has(node) && gadget !== 'binding') expect.fail(`${describeUnsatisfied(verdict)}\nnames no node`);
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
  };
  lieAboutNodes(subject, hear, options);
  lieAboutColumns(subject, hear, options);
  lieAboutWires(subject, hear, options);
}

type Hear = (kind: string, verdict: Verdict, what: () => string) => void;

function lieAboutNodes(subject: Subject, hear: Hear, { random, elements }: LiarOptions): void {
  const { graph, columns } = subject;
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'input') continue;
    for (const element of someOf(columns[id].length, elements, random)) {
      for (const lie of liesAbout(columns[id][element])) {
        const verdict = lieAboutNode(subject, id, element, lie);
        hear(`node ${node.kind}`, verdict, () => `node ${id} ${node.kind}[${element}] = ${lie}, all else recomputed`);
      }
    }
  }
}

function lieAboutColumns(subject: Subject, hear: Hear, { random, elements }: LiarOptions): void {
  const { graph, circuit, columns } = subject;
  let column = graph.nodes.length;
  for (const [hint, own] of circuit.hints.hints.entries()) {
    if (!isDerivation(own)) continue;
    for (const element of someOf(columns[column].length, elements, random)) {
      for (const lie of liesAbout(columns[column][element])) {
        const verdict = lieAboutColumn(subject, hint, column, element, lie);
        hear(own.kind, verdict, () => `hint ${hint} ${own.kind}[${element}] = ${lie}, all else recomputed`);
      }
    }
    column++;
  }
}

function lieAboutWires(subject: Subject, hear: Hear, { random, wires }: LiarOptions): void {
  const { system, hints } = subject.circuit;
  const { outputs, publicInputs, privateInputs } = system;
  const placements = hints.hints.filter(isPlacement).sort((a, b) => a.first - b.first);
  for (const [start, end] of originSpans(subject, outputs + publicInputs + privateInputs + 1)) {
    for (const offset of someOf(end - start, wires, random)) {
      const wire = start + offset;
      const kind = placements.findLast(({ first }) => first <= wire)?.kind ?? 'copy';
      const honest = elementAt(subject.witness, wire);
      for (const lie of [honest + 1n, -honest, 1n - honest, honest + 2n ** 64n]) {
        const { gadget } = originOfWire(system, wire);
        const verdict = lieAboutWire(subject, wire, toScalar(lie));
        hear(kind, verdict, () => `wire ${wire} of ${gadget} = ${lie} instead of ${honest}`);
      }
    }
  }
}

/** The published signals, then the wires from `inner` on, by origin; inputs and the binding are the prover's to choose. */
function* originSpans({ circuit }: Subject, inner: number): Generator<readonly [start: number, end: number]> {
  const { system } = circuit;
  yield [1, 1 + system.outputs];
  for (let i = 0; i < system.wireStart.length; i++) {
    const start = Math.max(inner, system.wireStart[i]);
    const end = i + 1 < system.wireStart.length ? system.wireStart[i + 1] : system.wires;
    if (start < end) yield [start, end];
  }
}

/** What a prover may plausibly claim instead. */
function liesAbout(value: number): number[] {
  return [value + 1, value - 1, -value + 0, 1 - value, value + 2 ** 20].filter((lie) => lie !== value);
}

function someOf(count: number, most: number, random: Random): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, () => random.int(0, count - 1));
}

/** Every kind of hint that the source declares, so that a new one without a lie is noticed. */
export function declaredHints(): Hint['kind'][] {
  const source = readFileSync('src/r1cs/hints.ts', 'utf8');
  return [...source.matchAll(/readonly kind: '([a-z]+)'/g)].map(([, kind]) => kind as Hint['kind']);
}
