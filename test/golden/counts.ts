import { countByOrigin, measureSystem } from '../../src/r1cs/stats.ts';
import type { System } from '../../src/r1cs/system.ts';
import type { Counts } from './golden.ts';

/** Rows in all, the domain's bits, and rows by ONNX operator and gadget, the dearest first. */
export function countRows(system: System): Counts {
  const { rows, domainBits } = measureSystem(system);
  const byGadget = new Map<string, number>();
  for (const origin of countByOrigin(system)) {
    const key = `${origin.op} ${origin.gadget}`.trim();
    byGadget.set(key, (byGadget.get(key) ?? 0) + origin.rows);
  }
  const spent = [...byGadget].filter(([, count]) => count > 0).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return { constraints: rows, 'domain bits': domainBits, ...Object.fromEntries(spent) };
}
