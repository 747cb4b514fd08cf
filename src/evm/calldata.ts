import { Interface } from 'ethers';
import { proofWords } from '../verify/evm-words.ts';
import type { Groth16Proof } from '../verify/types.ts';
import { loadArtifact } from './artifacts.ts';

/** The arguments of a verifier's `verify(uint256[8], uint256[])`. */
export function verifyArguments(
  publicSignals: readonly bigint[],
  proof: Groth16Proof,
): [proof: bigint[], signals: bigint[]] {
  return [proofWords(proof), [...publicSignals]];
}

/** Calldata of `verify`, in hex with 0x. */
export function encodeVerifyCalldata(publicSignals: readonly bigint[], proof: Groth16Proof): string {
  const abi = new Interface(loadArtifact('ModelVerifier').abi);
  return abi.encodeFunctionData('verify', verifyArguments(publicSignals, proof));
}
