import { groth16 } from 'snarkjs';
import { VouchError } from '../../../src/errors.ts';
import { verifyGroth16 } from '../../../src/verify/groth16.ts';
import { encodeProofJson, encodeVerifyingKeyJson } from '../../../src/verify/snarkjs-json.ts';
import type { Statement } from './proved.ts';

/** Ours: a proof that holds, one that does not, or something that is no proof at all. */
export function ourVerdict({ key, signals, proof }: Statement): 'holds' | 'fails' | 'malformed' {
  try {
    return verifyGroth16(key, signals, proof) ? 'holds' : 'fails';
  } catch (error) {
    if (error instanceof VouchError) return 'malformed';
    throw error;
  }
}

/** snarkjs's, which knows no malformed: it rejects, or fails on coordinates that it cannot read. */
export async function snarkjsVerdict({ key, signals, proof }: Statement): Promise<'holds' | 'fails'> {
  try {
    const holds = await groth16.verify(encodeVerifyingKeyJson(key), signals.map(String), encodeProofJson(proof));
    return holds ? 'holds' : 'fails';
  } catch {
    return 'fails';
  }
}
