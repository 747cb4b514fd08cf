import { Interface } from 'ethers';
import { VouchError } from '../../errors.ts';
import { SCALAR_MODULUS } from '../../field/bn254.ts';
import { loadArtifact } from '../artifacts.ts';

/** What an EZKL proof shows, as contracts take it. */
export interface EzklStatement {
  /** Points and scalars as 32-byte words, as they lie in EZKL's `proof`. */
  readonly proof: Uint8Array;
  /** EZKL's instances, below the field's order: public inputs, then outputs. */
  readonly signals: readonly bigint[];
}

/** The arguments of an adapter's `verify(bytes, uint256[])`. */
export function ezklArguments({ proof, signals }: EzklStatement): [proof: Uint8Array, signals: bigint[]] {
  if (proof.length === 0 || proof.length % 32 !== 0) {
    throw new EzklStatementError(`the proof has ${proof.length} bytes`, 'a multiple of 32');
  }
  const outside = signals.findIndex((signal) => signal < 0n || signal >= SCALAR_MODULUS);
  if (outside >= 0) throw new EzklStatementError(`signal ${outside} is ${signals[outside]}`, 'at least 0 and below r');
  return [proof, [...signals]];
}

/** Calldata of an adapter's `verify`, in hex with 0x. */
export function encodeEzklCalldata(statement: EzklStatement): string {
  return new Interface(loadArtifact('EzklAdapter').abi).encodeFunctionData('verify', ezklArguments(statement));
}

/** Calldata of the contract that EZKL wrote, in hex with 0x: what an adapter makes of its own. */
export function encodeEzklVerifierCalldata(statement: EzklStatement): string {
  return new Interface(loadArtifact('IEzklVerifier').abi).encodeFunctionData('verifyProof', ezklArguments(statement));
}

/** A signed integer as EZKL puts it into the field: those above the middle are negative. */
export function signedSignal(signal: bigint): bigint {
  return signal > SCALAR_MODULUS / 2n ? signal - SCALAR_MODULUS : signal;
}

/** A proof or its signals are not what any EZKL verifier takes. */
export class EzklStatementError extends VouchError {
  override readonly name = 'Evm.EzklStatementError';

  constructor(got: string, expected: string) {
    super('This is no proof that an EZKL verifier takes.', { metaMessages: [`got: ${got}`, `expected: ${expected}`] });
  }
}
