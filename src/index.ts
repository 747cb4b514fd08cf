/**
 * Prove the output of an ONNX model, and let any EVM contract check it.
 *
 *     const model = await compile('model.onnx', samplesFrom('samples.npz'));
 *     const { zkey, file } = await setup(model);
 *     const { kernel } = chooseKernel();
 *     const [input] = await readSamples(model, 'input.json');
 *     const { proof } = await prove(model, file, infer(model, input), { kernel, provingKey: joinChunks(zkey) });
 *     await kernel.close();
 *     checkProof(proof, file).valid; // true
 */

export { type AuditOptions, type AuditReport, audit } from './audit/audit.ts';
export type { AuditCheck } from './audit/check.ts';
export type { Backend } from './backend/contract.ts';
export { type EzklEngine, openEngine, verifyWithEngine } from './backend/engine.ts';
export { openEzklVerifier } from './backend/ezkl/verifier-model.ts';
export { createEzkl, type EzklBackend, type EzklOptions } from './backend/ezkl.ts';
export { createGroth16 } from './backend/groth16.ts';
export { type CircomInput, type CircomInputOptions, circomInput } from './circom/input.ts';
export { emitCircom } from './circom/program.ts';
export { readData } from './data/read.ts';
export { InternalError, VouchError } from './errors.ts';
export { type LocalChain, startLocalChain } from './evm/anvil.ts';
export { type InferenceRequest, requestBinding, requestIdOf } from './evm/binding.ts';
export type { Receipt } from './evm/chain/answers.ts';
export { type Call, type Chain, openChain } from './evm/chain/chain.ts';
export { TransactionRevertedError } from './evm/chain/revert.ts';
export { RpcUnavailableError } from './evm/chain/rpc.ts';
export { compileEzklVerifier } from './evm/ezkl/contract.ts';
export {
  type DeployedEzkl,
  deployEzkl,
  type EzklVerifierModel,
  ezklAdapterId,
  verifyEzklOnChain,
} from './evm/ezkl/deploy.ts';
export { type EzklStatement, encodeEzklCalldata, signedSignal } from './evm/ezkl/statement.ts';
export { type Cost, estimateCost } from './evm/hub/cost.ts';
export { creditWei, refund, withdraw } from './evm/hub/credit.ts';
export { findRequest, type LocatedRequest, statusOf, verifierOf } from './evm/hub/hub.ts';
export { type Deployed, deployHub, deployModelVerifier, type Registered, registerModel } from './evm/hub/publish.ts';
export { type Answer, type RequestOptions, request, waitForAnswer } from './evm/hub/request.ts';
export { type SubmitOptions, type Submitted, submit, type Target } from './evm/hub/submit.ts';
export type { NodeEvent } from './evm/node/events.ts';
export { type WatchOptions, type WatchSummary, watch } from './evm/node/watch.ts';
export type { Prover } from './evm/node/work.ts';
export { type Account, accountFromKey, accountFromKeystore, developmentAccount } from './evm/sender/account.ts';
export type { SenderEvent, SendOptions } from './evm/sender/pending.ts';
export { createSender, type Sender, type SenderOptions } from './evm/sender/sender.ts';
export { TransactionUncertainError } from './evm/sender/uncertain.ts';
export { verifierSource } from './evm/verifier-source.ts';
export { type Inspection, type InspectOptions, inspect } from './inspect/inspect.ts';
export type { InspectReport } from './inspect/report.ts';
export { samplesFrom, toSamples } from './inspect/samples.ts';
export { type ChosenKernel, chooseKernel, type KernelName, type KernelOptions } from './kernel/choose.ts';
export type { Kernel } from './kernel/contract.ts';
export { createSnarkjsKernel } from './kernel/snarkjs.ts';
export type { Model } from './model/model.ts';
export { requestInput } from './model/request-input.ts';
export { OnnxModelError, type OnnxProblem } from './onnx/check.ts';
export { type CompiledModel, compile, joinChunks } from './pipeline/pipeline.ts';
export { type PreparedModel, type PrepareOptions, prepareModel } from './pipeline/prepare.ts';
export { type Inference, infer, type Proved, type ProveOptions, prove } from './pipeline/prove.ts';
export { createProver, type ModelProver } from './pipeline/prover.ts';
export { readSamples } from './pipeline/samples.ts';
export { type SelfTest, SelfTestError, type SelfTestOptions, selfTest } from './pipeline/self-test.ts';
export { type ModelKeys, type SetupOptions, setup, setupWithPtau, type TestedKeys } from './pipeline/setup.ts';
export { type BatchOptions, type BatchProgress, type BatchResult, proveBatch } from './pool/batch.ts';
export type { BatchItem } from './pool/in-order.ts';
export { createPool, type Pool, type PoolOptions, type PoolStats, type ProofRequest } from './pool/pool.ts';
export { quantiseInputs } from './quant/interpret.ts';
export type { Sample } from './quant/sample.ts';
export { GoalMissedError } from './quant/search.ts';
export { openKeys, openModel, writeKeys, writeModel } from './store/directory.ts';
export type { Visibility } from './tensor/visibility.ts';
export { checkProof, type ProofExpectations, type ProofVerdict } from './verify/check-proof.ts';
export { commitInputs } from './verify/commit-inputs.ts';
export { decodeModelFile, encodeModelFile, type ModelFile } from './verify/model-file.ts';
export {
  decodeOpeningFile,
  encodeOpeningFile,
  type Opening,
  type OpeningFile,
} from './verify/opening.ts';
export { decodeProofFile, encodeProofFile, type ProofFile } from './verify/proof-file.ts';
