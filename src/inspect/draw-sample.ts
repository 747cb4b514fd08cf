import { VouchError } from '../errors.ts';
import { elementGrid } from '../quant/columns.ts';
import { interpret, quantiseInputs, RangeOverflowError, toReal } from '../quant/interpret.ts';
import type { QGraph, QInput } from '../quant/qgraph.ts';
import type { Sample } from '../quant/sample.ts';
import { sizeOf } from '../tensor/shape.ts';
import { createRandom } from './synthesise.ts';

/**
 * A random input that the circuit can prove. Worst-case ranges take any within the bounds. Calibrated ranges may
 * refuse noise of full strength; then it is halved, towards zero or the bound next to it, until it is taken.
 */
export function drawSample(graph: QGraph, seed: number): Sample {
  const random = createRandom(seed);
  const inputs = graph.nodes.filter((node) => node.kind === 'input');
  for (let strength = 1; ; strength = strength > WEAKEST ? strength / 2 : 0) {
    const sample = new Map(inputs.map((node) => [node.name, drawTensor(node, random, strength)]));
    try {
      interpret(graph, quantiseInputs(graph, sample));
      return sample;
    } catch (cause) {
      if (!(cause instanceof RangeOverflowError)) throw cause;
      if (strength === 0) throw new NoSampleError(cause);
    }
  }
}

const WEAKEST = 2 ** -12;

function drawTensor(node: QInput, random: () => number, strength: number): Float64Array {
  const integers = new Float64Array(sizeOf(node.shape));
  for (let i = 0; i < integers.length; i++) {
    const { lo, bits } = elementGrid(node, i);
    const hi = lo + 2 ** bits - 1;
    const still = Math.min(Math.max(0, lo), hi);
    const drawn = Math.floor(lo + random() * 2 ** bits);
    integers[i] = Math.round(still + strength * (drawn - still));
  }
  return toReal(node, integers);
}

/** Calibration left so little room that no input we drew stays inside. */
export class NoSampleError extends VouchError {
  override readonly name = 'Inspect.NoSampleError';

  constructor(cause: RangeOverflowError) {
    super('no random input stays within the calibrated ranges of this model', {
      metaMessages: [cause.shortMessage, 'Compile with a larger --margin, or with --range worst-case.'],
      cause,
    });
  }
}
