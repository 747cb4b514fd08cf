import { bn254 } from '@noble/curves/bn254.js';
import { VouchError } from '../errors.ts';
import { BASE_MODULUS } from '../field/bn254.ts';
import type { Fp2, G1Point, G2Point, VerifyingKey } from './types.ts';

export type NobleG1 = InstanceType<typeof bn254.G1.Point>;
export type NobleG2 = InstanceType<typeof bn254.G2.Point>;

/** The point, after checking coordinates and curve equation. (0, 0) is infinity, as on chain. */
export function checkG1(name: string, [x, y]: G1Point): NobleG1 {
  checkCoordinates(name, [x, y]);
  if (x === 0n && y === 0n) return bn254.G1.Point.ZERO;
  try {
    const point = bn254.G1.Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch (cause) {
    throw new InvalidPointError(name, 'it does not lie on the curve', cause);
  }
}

/** The point, after checking coordinates, curve equation and subgroup. */
export function checkG2(name: string, [x, y]: G2Point): NobleG2 {
  checkCoordinates(name, [...x, ...y]);
  if ([...x, ...y].every((coordinate) => coordinate === 0n)) return bn254.G2.Point.ZERO;
  const point = pointOnTwist(name, x, y);
  if (!point.isTorsionFree()) throw new InvalidPointError(name, 'it does not lie in the right group');
  return point;
}

function pointOnTwist(name: string, x: Fp2, y: Fp2): NobleG2 {
  try {
    const point = bn254.G2.Point.fromAffine({ x: toFp2(x), y: toFp2(y) });
    point.assertValidity();
    return point;
  } catch (cause) {
    throw new InvalidPointError(name, 'it does not lie in the right group', cause);
  }
}

/** A key in which a point is invalid or infinite is refused: infinity would switch off a part of the check. */
export function checkVerifyingKey({ alpha, beta, gamma, delta, ic }: VerifyingKey): void {
  const finite = (name: string, point: NobleG1 | NobleG2) => {
    if (point.is0()) throw new InvalidPointError(name, 'it is the point at infinity');
  };
  finite('alpha', checkG1('alpha', alpha));
  finite('beta', checkG2('beta', beta));
  finite('gamma', checkG2('gamma', gamma));
  finite('delta', checkG2('delta', delta));
  if (ic.length === 0) throw new InvalidPointError('ic', 'there is none');
  ic.forEach((point, i) => {
    checkG1(`ic[${i}]`, point);
  });
}

function checkCoordinates(name: string, coordinates: readonly bigint[]): void {
  if (coordinates.some((coordinate) => coordinate < 0n || coordinate >= BASE_MODULUS)) {
    throw new InvalidPointError(name, 'a coordinate is not below the modulus');
  }
}

function toFp2([c0, c1]: Fp2): { c0: bigint; c1: bigint } {
  return { c0, c1 };
}

/** A point of a proof or key that no honest prover writes. */
export class InvalidPointError extends VouchError {
  override readonly name = 'Verify.InvalidPointError';

  constructor(point: string, what: string, cause?: unknown) {
    super(`The point ${point} is malformed: ${what}.`, {
      metaMessages: ['The file was damaged or made to deceive; get it again from its source.'],
      cause,
    });
  }
}
