import { bn254 } from '@noble/curves/bn254.js';
import type { G2Point } from '../../src/verify/types.ts';

/** A point on the twist y² = x³ + 3/(9 + u) whose order is not r: the first real x that has a y. */
export function pointOutsideSubgroup(): G2Point {
  const { Fp2 } = bn254.fields;
  const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  for (let real = 1n; ; real++) {
    const x = Fp2.fromBigTuple([real, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    try {
      const y = Fp2.sqrt(square);
      return [
        [x.c0, x.c1],
        [y.c0, y.c1],
      ];
    } catch {
      // Half of all squares-to-be are none.
    }
  }
}
