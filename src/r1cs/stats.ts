import { TWO_ADICITY } from '../field/bn254.ts';
import { publicCount, type System } from './system.ts';

/** What a system costs. */
export interface SystemStats {
  readonly rows: number;
  readonly wires: number;
  readonly publicSignals: number;
  readonly terms: { readonly a: number; readonly b: number; readonly c: number };
  /** log2 of the padded number of rows: what proving time follows. */
  readonly domainBits: number;
  /** Size of the Groth16 proving key; C terms are not part of it. */
  readonly provingKeyBytes: number;
}

/** Rows and wires that come from one origin. */
export interface OriginStats {
  readonly node: string;
  readonly op: string;
  readonly gadget: string;
  readonly rows: number;
  readonly wires: number;
}

/** Bits of the smallest domain that holds the rows and the public + 1 input-consistency rows. */
export function domainBits(system: System): number {
  const needed = system.rows + publicCount(system) + 1;
  let bits = 0;
  while (bits < TWO_ADICITY && 2 ** bits < needed) bits++;
  return bits;
}

export function measureSystem(system: System): SystemStats {
  const publicSignals = publicCount(system);
  const bits = domainBits(system);
  const terms = { a: system.a.wire.length, b: system.b.wire.length, c: system.c.wire.length };
  const points = 64 * (3 * system.wires + 2 ** bits) + 128 * system.wires;
  const coefficients = 4 + 44 * (terms.a + terms.b + publicSignals + 1);
  return {
    rows: system.rows,
    wires: system.wires,
    publicSignals,
    terms,
    domainBits: bits,
    provingKeyBytes: points + coefficients + KEY_HEADER_BYTES,
  };
}

/** Rows and wires by origin, in order of first appearance; origins with the same node, op and gadget are one. */
export function countByOrigin(system: System): OriginStats[] {
  const rows = new Float64Array(system.origins.length);
  const wires = new Float64Array(system.origins.length);
  for (const origin of system.rowOrigin) rows[origin]++;
  system.wireStart.forEach((start, i) => {
    const end = i + 1 < system.wireStart.length ? system.wireStart[i + 1] : system.wires;
    wires[system.wireOrigin[i]] += end - start;
  });
  const merged = new Map<string, OriginStats>();
  system.origins.forEach(({ node, op, gadget }, i) => {
    const key = JSON.stringify([node, op, gadget]);
    const before = merged.get(key) ?? { node, op, gadget, rows: 0, wires: 0 };
    merged.set(key, { ...before, rows: before.rows + rows[i], wires: before.wires + wires[i] });
  });
  return [...merged.values()].filter((origin) => origin.rows + origin.wires > 0);
}

/** File magic, ten section headers, group and header sections, and the empty list of contributions. */
const KEY_HEADER_BYTES = 12 + 10 * 12 + 4 + 660 + 68;
