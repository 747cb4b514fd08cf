import { toScalar } from '../../field/bn254.ts';
import { laneWeight } from '../../tensor/lanes.ts';
import { constrainCommitment } from '../gadgets/poseidon.ts';
import { freshWires } from '../gadgets/quantity.ts';
import type { Published, PublishedInput, PublishedOutput } from '../interface.ts';
import type { Packing } from '../packing.ts';
import type { WireTensor } from '../wire-tensor.ts';
import type { Lowering } from './context.ts';

/**
 * Publishes an output: one wire and row per element, since elements may be dense expressions, then its words. Bounds
 * prove that every element fits its lane, so that packing is injective and no further range check is needed.
 */
export function publishOutput(context: Lowering, tensor: WireTensor, output: PublishedOutput): void {
  const { system, id } = context;
  const origin = context.origin('publish');
  const { first } = freshWires(context, id, output.size, origin);
  for (let i = 0; i < output.size; i++) {
    system.a.add(first + i, 1);
    system.b.add(0, 1);
    tensor.emit(system.c, i, 1);
    system.closeRow(origin);
  }
  publishElements(context, first, output);
}

/** Publishes an input whose elements are wires with range checks of their own; private ones have no words. */
export function publishInput(context: Lowering, input: PublishedInput): void {
  if (input.signals > 0) publishElements(context, input.first, input);
}

function publishElements(context: Lowering, first: number, tensor: Published): void {
  const { system, hints, id } = context;
  const { words, size, signal, salt } = tensor;
  if (salt === undefined) {
    packWords(context, first, tensor, signal);
    return;
  }
  const firstWord = system.allocateWires(words, context.origin('publish'));
  packWords(context, first, tensor, firstWord);
  const wires = { form: { ...tensor, elements: size }, salt, firstWord, words, commitment: signal };
  const inner = constrainCommitment(system, wires, context.origin('commitment'));
  hints.place({ kind: 'commit', column: id, packing: tensor, first: inner, salt, commitment: signal });
}

/** One row per word: word = Σ lane weight·(v − lo). Lanes at the end that hold no element are absent, that is zero. */
function packWords(context: Lowering, first: number, packing: Packing, firstWord: number): void {
  const { system, hints, id } = context;
  const origin = context.origin('publish');
  const { lo, lanes, words, size } = packing;
  for (let w = 0; w < words; w++) {
    const start = w * lanes;
    const count = Math.min(lanes, size - start);
    let constant = 0n;
    system.a.add(firstWord + w, 1);
    system.b.add(0, 1);
    for (let j = 0; j < count; j++) {
      const weight = laneWeight(packing, j);
      system.c.addScalar(first + start + j, toScalar(weight));
      constant += weight * BigInt(lo);
    }
    system.c.addScalar(0, toScalar(-constant));
    system.closeRow(origin);
  }
  hints.place({ kind: 'pack', column: id, first: firstWord, packing });
}
