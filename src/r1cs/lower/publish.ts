import { toScalar } from '../../field/bn254.ts';
import { laneWeight } from '../../tensor/lanes.ts';
import { freshWires } from '../gadgets/quantity.ts';
import type { Packing } from '../packing.ts';
import type { WireTensor } from '../wire-tensor.ts';
import type { Lowering } from './context.ts';

/**
 * Publishes a tensor: one wire and row per element, then one row per signal, signal = Σ lane weight·(v − lo). Bounds
 * prove that every lane fits, so the packing is injective and no further range check is needed.
 */
export function publish(context: Lowering, tensor: WireTensor, packing: Packing, firstSignal: number): void {
  const { system, hints, id } = context;
  const origin = context.origin('publish');
  const { first } = freshWires(context, id, packing.size, origin);
  for (let i = 0; i < packing.size; i++) {
    system.a.add(first + i, 1);
    system.b.add(0, 1);
    tensor.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  for (let s = 0; s < packing.words; s++) {
    const start = s * packing.lanes;
    const count = Math.min(packing.lanes, packing.size - start);
    let constant = 0n;
    for (let j = 0; j < count; j++) {
      const weight = laneWeight(packing, j);
      system.a.addScalar(first + start + j, toScalar(weight));
      constant += weight * BigInt(packing.lo);
    }
    system.a.addScalar(0, toScalar(-constant));
    system.b.add(0, 1);
    system.c.add(firstSignal + s, 1);
    system.closeRow(origin);
  }
  hints.place({ kind: 'pack', column: id, first: firstSignal, packing });
}
