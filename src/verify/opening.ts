import type { Scalar } from '../field/bn254.ts';

/** What opens the commitment to a hashed tensor. Whoever has it knows the tensor. */
export interface Opening {
  readonly kind: 'input' | 'output';
  readonly name: string;
  readonly commitment: Scalar;
  readonly salt: Scalar;
  readonly integers: readonly bigint[];
}
