import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { elementAt } from '../../src/field/vector.ts';
import { describeUnsatisfied } from '../../src/r1cs/check.ts';
import type { Hint } from '../../src/r1cs/hints.ts';
import type { Circuit } from '../../src/r1cs/lower.ts';
import { originOfWire, publicCount } from '../../src/r1cs/system.ts';
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
  /** Lies told about each kind of thing, at most. */
  readonly most?: number;
  readonly what: string;
}

/** Rejected lies by what they were about: a node's kind, a hint's, or a gadget. */
export type Tally = Map<string, number>;

/** Tells lies of every kind about a circuit; none may be accepted, and each rejection names a node of the graph. */
export function tellLies(
  subject: Subject,
  tally: Tally,
  { most = Number.POSITIVE_INFINITY, ...rest }: LiarOptions,
): void {
  const names = new Set(subject.graph.nodes.map(({ origin }) => origin.node));
  const told = new Map<string, number>();
  const audience: Audience = {
    ...rest,
    isTiredOf: (kinds) => kinds.every((kind) => (told.get(kind) ?? 0) >= most),
    hear(kinds, verdict, about) {
      for (const kind of kinds) told.set(kind, (told.get(kind) ?? 0) + 1);
      if (verdict === 'no difference' || verdict === 'no witness') return;
      if (verdict === 'ACCEPTED') expect.fail(`${rest.what}: ${about} was accepted`);
      const { node, gadget } = verdict.origin;
      if (!names.has(node) && gadget !== 'binding') expect.fail(`${describeUnsatisfied(verdict)}\nnames no node`);
      for (const kind of kinds) tally.set(kind, (tally.get(kind) ?? 0) + 1);
    },
  };
  lieAboutNodes(subject, audience);
  lieAboutColumns(subject, audience);
  lieAboutWires(subject, audience);
}

interface Audience extends Pick<LiarOptions, 'random' | 'elements' | 'wires'> {
  /** Whether enough lies were told about all of these. */
  isTiredOf(kinds: readonly string[]): boolean;
  hear(kinds: readonly string[], verdict: Verdict, about: string): void;
}

function lieAboutNodes(subject: Subject, { random, elements, isTiredOf, hear }: Audience): void {
  const { graph, columns } = subject;
  for (const id of shuffled(graph.nodes.length, random)) {
    const { kind } = graph.nodes[id];
    const kinds = [`node ${kind}`];
    if (kind === 'input' || isTiredOf(kinds)) continue;
    for (const element of someOf(columns[id].length, elements, random)) {
      for (const lie of liesAbout(columns[id][element])) {
        if (isTiredOf(kinds)) break;
        const about = `node ${id} ${kind}[${element}] = ${lie}, all else recomputed,`;
        hear(kinds, lieAboutNode(subject, id, element, lie), about);
      }
    }
  }
}

function lieAboutColumns(subject: Subject, { random, elements, isTiredOf, hear }: Audience): void {
  const { graph, circuit, columns } = subject;
  const { hints } = circuit.hints;
  const derivations = [...hints.keys()].filter((at) => isDerivation(hints[at]));
  for (const at of shuffled(derivations.length, random)) {
    const hint = derivations[at];
    const column = graph.nodes.length + at;
    const kinds = [hints[hint].kind];
    if (isTiredOf(kinds)) continue;
    for (const element of someOf(columns[column].length, elements, random)) {
      for (const lie of liesAbout(columns[column][element])) {
        if (isTiredOf(kinds)) break;
        const about = `hint ${hint} ${kinds[0]}[${element}] = ${lie}, all else recomputed,`;
        hear(kinds, lieAboutColumn(subject, hint, column, element, lie), about);
      }
    }
  }
}

function lieAboutWires(subject: Subject, { random, wires, isTiredOf, hear }: Audience): void {
  const { system, hints } = subject.circuit;
  const placements = hints.hints.filter(isPlacement).sort((a, b) => a.first - b.first);
  const spans = originSpans(subject.circuit);
  for (const at of shuffled(spans.length, random)) {
    const [start, end] = spans[at];
    const { gadget } = originOfWire(system, start);
    for (const offset of someOf(end - start, wires, random)) {
      const wire = start + offset;
      const kind = placements.findLast(({ first }) => first <= wire)?.kind ?? 'copy';
      const kinds = [kind, `gadget ${gadget}`];
      if (isTiredOf(kinds)) continue;
      const honest = elementAt(subject.witness, wire);
      for (const lie of [honest + 1n, -honest, 1n - honest, honest + 2n ** 64n]) {
        if (isTiredOf(kinds)) break;
        const about = `wire ${wire} of ${gadget} = ${lie} instead of ${honest}`;
        hear(kinds, lieAboutWire(subject, wire, toScalar(lie)), about);
      }
    }
  }
}

/** Wires by origin, without what is the prover's to choose: the binding, salts, and inputs that nobody sees. */
function originSpans({ system, inputs, hints: { binding } }: Circuit): (readonly [start: number, end: number])[] {
  const { wireStart, wires } = system;
  const inner = 1 + publicCount(system) + system.privateInputs;
  const signals = [
    [1, binding],
    [binding + 1, 1 + publicCount(system)],
  ] as const;
  const seen = inputs.filter(({ visibility }) => visibility !== 'private');
  const elements = seen.map(({ first, size }) => [first, first + size] as const);
  const own = Array.from(wireStart, (start, i) => {
    const end = i + 1 < wireStart.length ? wireStart[i + 1] : wires;
    return [Math.max(inner, start), end] as const;
  });
  return [...signals, ...elements, ...own].filter(([start, end]) => start < end);
}

/** What a prover may plausibly claim instead. */
function liesAbout(value: number): number[] {
  return [value + 1, value - 1, -value + 0, 1 - value, value + 2 ** 20].filter((lie) => lie !== value);
}

/** 0 … count − 1 in some order. */
function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
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
