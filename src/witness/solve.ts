import type { FieldVector } from '../field/vector.ts';
import { BigScalars } from '../field/vector.ts';
import { multiply, type Scalar, toScalar } from '../field/bn254.ts';
import type { BitsHint, CopyHint, HintProgram, PackHint } from '../r1cs/hints.ts';

/**
 * Solves the wires of a circuit from the integer interpreter's values. Runs over typed arrays; the only big numbers
 * are the packed signals and the binding.
 */
export function solve(program: HintProgram, values: readonly Float64Array[], binding: Scalar): FieldVector {
  const entries = new Float64Array(program.wires);
  const big = new BigScalars();
  entries[0] = 1;
  for (const hint of program.hints) {
    switch (hint.kind) {
      case 'copy':
        copy(hint, values, entries);
        break;
      case 'bits':
        decompose(hint, values, entries);
        break;
      case 'pack':
        entries[hint.wire] = big.entry(toScalar(pack(hint, values)));
        break;
    }
  }
  entries[program.binding] = big.entry(binding);
  entries[program.bindingSquare] = big.entry(multiply(binding, binding));
  return { entries, big: big.values };
}

function copy({ node, first }: CopyHint, values: readonly Float64Array[], entries: Float64Array): void {
  entries.set(values[node], first);
}

function decompose({ node, first, from, offset, counts, skip }: BitsHint, values: readonly Float64Array[], entries: Float64Array): void {
  const x = values[node];
  let wire = first;
  for (let i = 0; i < x.length; i++) {
    const count = counts[i];
    if (count === 0) continue;
    const t = x[i] + offset[i];
    let low = t % 4294967296 | 0;
    const high = Math.floor(t / 4294967296);
    const left = skip === undefined ? 255 : skip[i];
    let k = from;
    low = k < 32 ? low >>> k : 0;
    for (; k < from + count; k++) {
      let bit: number;
      if (k < 32) {
        bit = low & 1;
        low >>>= 1;
      } else bit = (high >>> (k - 32)) & 1;
      if (k !== left) entries[wire++] = bit;
    }
  }
}

function pack(hint: PackHint, values: readonly Float64Array[]): bigint {
  const { node, start, count, lanes, bytes, lo } = hint;
  const x = values[node];
  let signal = 0n;
  for (let j = 0; j < count; j++) signal = (signal << BigInt(8 * bytes)) | BigInt(x[start + j] - lo);
  return signal << BigInt(8 * bytes * (lanes - count));
}
