import type { Scalar } from '../field/bn254.ts';
import { FIELD_BYTES, writeLittleEndian } from '../field/bytes.ts';
import type { CircuitArrays } from './addon.ts';
import type { CircuitTerms, KeyRequest } from './contract.ts';

/** The circuit of a request as native/addon/evaluate-key.h reads it. */
export function circuitArrays({ rows, wires, publicSignals, domainBits, sides, big }: CircuitTerms): CircuitArrays {
  return [
    Uint32Array.of(rows, wires, publicSignals, domainBits),
    scalarBytes(big),
    ...sides.flatMap(({ rowPtr, wire, coefficient }) => [rowPtr.subarray(0, rows + 1), wire, coefficient]),
  ];
}

/** Its secrets, in the order of native/setup.h. */
export function secretBytes({ tau, alpha, beta, overGamma, overDelta }: KeyRequest): Uint8Array {
  return scalarBytes([tau, alpha, beta, overGamma, overDelta]);
}

function scalarBytes(scalars: readonly Scalar[]): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES * scalars.length);
  scalars.forEach((scalar, i) => {
    writeLittleEndian(bytes, FIELD_BYTES * i, scalar);
  });
  return bytes;
}
