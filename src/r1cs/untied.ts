import type { Matrix, System } from './system.ts';

/**
 * Wires that no chain of rows connects to a signal or an input: a prover could give them any value, or values that
 * mean nothing. A finished circuit has none. Wires that meet in a row are connected, except by the constant wire 0.
 */
export function findUntied(system: System): number[] {
  const leader = Uint32Array.from({ length: system.wires }, (_, wire) => wire);
  const find = (wire: number): number => {
    let top = wire;
    while (leader[top] !== top) {
      leader[top] = leader[leader[top]];
      top = leader[top];
    }
    return top;
  };
  const sides = [system.a, system.b, system.c];
  for (let row = 0; row < system.rows; row++) {
    let first = 0;
    for (const side of sides) first = joinRow(side, row, first, leader, find);
  }
  const named = system.outputs + system.publicInputs + system.privateInputs;
  const tied = new Uint8Array(system.wires);
  for (let wire = 1; wire <= named; wire++) tied[find(wire)] = 1;
  const untied: number[] = [];
  for (let wire = 1; wire < system.wires; wire++) if (tied[find(wire)] === 0) untied.push(wire);
  return untied;
}

/** Joins the wires of one side to the row's first wire, which it returns. */
function joinRow(
  { rowPtr, wire }: Matrix,
  row: number,
  known: number,
  leader: Uint32Array,
  find: (wire: number) => number,
): number {
  let first = known;
  for (let i = rowPtr[row]; i < rowPtr[row + 1]; i++) {
    if (wire[i] === 0) continue;
    if (first === 0) first = wire[i];
    else leader[find(wire[i])] = find(first);
  }
  return first;
}
