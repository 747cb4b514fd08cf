/**
 * Prove and verify in a web page. Nothing here, or that it imports, is built into Node.
 *
 *     const prover = await openProver('/digits.vouch/');
 *     const { proof } = await prover.prove(new Map([['image', pixels]]));
 *     (await prover.verify(proof)).valid; // true
 */

export { InternalError, VouchError } from '../errors.ts';
export type { Proved } from '../pipeline/prove.ts';
export type { Sample } from '../quant/sample.ts';
export { checkProof, type ProofExpectations, type ProofVerdict } from '../verify/check-proof.ts';
export { commitInputs } from '../verify/commit-inputs.ts';
export { decodeModelFile, type ModelFile } from '../verify/model-file.ts';
export { decodeOpeningFile, encodeOpeningFile, type Opening, type OpeningFile } from '../verify/opening.ts';
export { decodeProofFile, encodeProofFile, type ProofFile } from '../verify/proof-file.ts';
export { type OpenProverOptions, openProver, type WebProveOptions, type WebProver } from './prover.ts';
export type { OnProgress, Stage } from './session.ts';
