/**
 * Prove the output of an ONNX model, and let any EVM contract check it.
 *
 *     const model = await compile('model.onnx');
 *     const { zkey, file } = await setup(model);
 *     const { kernel } = chooseKernel();
 *     const { proof } = await prove(model, file, infer(model, input), { kernel, provingKey: joinChunks(zkey) });
 *     await kernel.close();
 *     checkProof(proof, file).valid; // true
 */

export { readData } from './data/read.ts';
export { InternalError, VouchError } from './errors.ts';
export { type Inspection, type InspectOptions, inspect } from './inspect/inspect.ts';
export type { InspectReport } from './inspect/report.ts';
export { toSamples } from './inspect/samples.ts';
export { type ChosenKernel, chooseKernel, type KernelName, type KernelOptions } from './kernel/choose.ts';
export type { Kernel } from './kernel/contract.ts';
export { createSnarkjsKernel } from './kernel/snarkjs.ts';
export type { Model } from './model.ts';
export { OnnxModelError, type OnnxProblem } from './onnx/check.ts';
export {
  type CompiledModel,
  compile,
  type Inference,
  infer,
  joinChunks,
  type Proved,
  type ProveOptions,
  prove,
} from './pipeline.ts';
export { type BatchOptions, type BatchProgress, type BatchResult, proveBatch } from './pool/batch.ts';
export type { BatchItem } from './pool/in-order.ts';
export { createPool, type Pool, type PoolOptions, type PoolStats, type ProofRequest } from './pool/pool.ts';
export type { Sample } from './quant/sample.ts';
export { readSamples } from './samples.ts';
export { type SelfTest, SelfTestError, type SelfTestOptions, selfTest } from './self-test.ts';
export { type ModelKeys, type SetupOptions, setup, type TestedKeys } from './setup.ts';
export { openKeys, openModel, writeKeys, writeModel } from './store/directory.ts';
export type { Visibility } from './tensor/visibility.ts';
export { checkProof, type ProofExpectations, type ProofVerdict } from './verify/check-proof.ts';
export { decodeModelFile, encodeModelFile, type ModelFile } from './verify/model-file.ts';
export {
  decodeOpeningFile,
  encodeOpeningFile,
  type Opening,
  type OpeningFile,
} from './verify/opening.ts';
export { decodeProofFile, encodeProofFile, type ProofFile } from './verify/proof-file.ts';
