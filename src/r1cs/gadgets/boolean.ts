import type { Lowering } from '../lower/context.ts';

/** A row wire·wire = wire: the wire is 0 or 1. Two coefficients in the key instead of the three of wire·(wire − 1). */
export function constrainBoolean({ system }: Lowering, wire: number, origin: number): void {
  system.a.add(wire, 1);
  system.b.add(wire, 1);
  system.c.add(wire, 1);
  system.closeRow(origin);
}
