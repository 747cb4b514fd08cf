import { expect, test } from 'vitest';
import type { System } from '../../src/r1cs/system.ts';
import { runsOf } from './every-input.ts';
import { smallGadgets } from './small-gadgets.ts';
import { isUnique } from './unique.ts';

test.each(smallGadgets)('$name: no row can be left out', ({ graph, spare }) => {
  const runs = runsOf(graph);
  const { system } = runs[0].circuit;
  const needless: string[] = [];
  for (let row = 0; row < system.rows; row++) {
    if (!namesOtherWires(system, row, runs[0].given)) continue;
    const { gadget } = system.origins[system.rowOrigin[row]];
    if (runs.every((own) => isUnique(own, { without: row, most: 1 }))) needless.push(`row ${row} of ${gadget}`);
  }
  expect(needless.length, needless.join(', ')).toBe(spare);
});

/** Rows about given wires alone, such as the check of an input of one bit, leave a prover nothing to choose. */
function namesOtherWires({ a, b, c }: System, row: number, given: ReadonlyMap<number, bigint>): boolean {
  return [a, b, c].some(({ rowPtr, wire }) =>
    wire.subarray(rowPtr[row], rowPtr[row + 1]).some((own) => own !== 0 && !given.has(own)),
  );
}
