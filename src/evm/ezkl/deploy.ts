import {
  AbiCoder,
  type BaseContract,
  Contract,
  ContractFactory,
  type ContractRunner,
  encodeBytes32String,
  Interface,
  keccak256,
  type Signer,
} from 'ethers';
import { asHex32, type Hex32 } from '../../verify/json.ts';
import type { TrustLevel } from '../../verify/types.ts';
import { LOCAL_CHAIN_ID } from '../anvil.ts';
import { loadArtifact } from '../artifacts.ts';
import type { Call } from '../chain/chain.ts';
import { type DeployedVerifier, deployContract } from '../deploy.ts';
import { DevelopmentKeyError } from '../hub/publish.ts';
import type { CompiledContract } from '../solidity.ts';
import { type EzklStatement, ezklArguments } from './statement.ts';

/** An EZKL model as its contracts have it. */
export interface EzklVerifierModel {
  /** The contract that EZKL wrote, compiled. */
  readonly verifier: CompiledContract;
  /** Bytes of each proof, which are the same for every proof of a model. */
  readonly proofBytes: number;
  /** Number of instances. */
  readonly signals: number;
  /** Names the ONNX file, settings, circuit and verifying key: the `modelId` of directory and proof files. */
  readonly modelDigest: Hex32;
  /** Of the structured reference string. One made for development deploys on chain 31337 only. */
  readonly trust: TrustLevel;
}

export interface DeployedEzkl {
  readonly verifier: DeployedVerifier;
  /** Before the verifier; the address that consumers are given. */
  readonly adapter: DeployedVerifier;
}

/** Deploys the contract that EZKL wrote and the adapter before it, and waits for both receipts. */
export async function deployEzkl(signer: Signer, model: EzklVerifierModel): Promise<DeployedEzkl> {
  const verifier = await deployContract(new ContractFactory<[]>([], model.verifier.bytecode, signer));
  const { abi, bytecode } = loadArtifact('EzklAdapter');
  const factory = new ContractFactory<[AdapterModel], BaseContract>(abi, bytecode, signer);
  return { verifier, adapter: await deployContract(factory, adapterModel(model, verifier.address)) };
}

/** The call that deploys the contract that EZKL wrote. A setup made for development stays on the local chain. */
export function ezklVerifierDeployment(chainId: number, { verifier, trust }: EzklVerifierModel): Call {
  if (trust === 'insecure-dev' && chainId !== LOCAL_CHAIN_ID) throw new DevelopmentKeyError(chainId);
  return { data: verifier.bytecode };
}

/** The call that deploys the adapter before a verifier that is on chain. */
export function ezklAdapterDeployment(model: EzklVerifierModel, verifier: string): Call {
  const { abi, bytecode } = loadArtifact('EzklAdapter');
  return { data: `${bytecode}${new Interface(abi).encodeDeploy([adapterModel(model, verifier)]).slice(2)}` };
}

/** The struct of the adapter's constructor. */
export interface AdapterModel {
  readonly verifier: string;
  readonly codeHash: string;
  readonly proofBytes: number;
  readonly signalCount: number;
  readonly modelDigest: string;
  readonly trust: number;
}

function adapterModel(model: EzklVerifierModel, verifier: string): AdapterModel {
  return {
    verifier,
    codeHash: keccak256(model.verifier.deployedBytecode),
    proofBytes: model.proofBytes,
    signalCount: model.signals,
    modelDigest: model.modelDigest,
    trust: model.trust === 'ceremony' ? 1 : 0,
  };
}

/**
 * What `modelId()` of the model's adapter answers, wherever it is: a consumer that pins it pins the verifier's code, and
 * with that the compiler that made it, the lengths of proof and signals, the model and the trust.
 */
export function ezklAdapterId(model: EzklVerifierModel): Hex32 {
  // The address of the verifier is none of it.
  const { codeHash, proofBytes, signalCount, modelDigest, trust } = adapterModel(model, '');
  const types = ['bytes32', 'bytes32', 'uint256', 'uint256', 'bytes32', 'uint256'];
  const values = [encodeBytes32String('vouch-ezkl-1'), codeHash, proofBytes, signalCount, modelDigest, trust];
  return asHex32(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)), 'modelId');
}

/** A deployed adapter as an ethers contract. */
export function ezklAdapterAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, loadArtifact('EzklAdapter').abi, runner);
}

/** Asks a deployed adapter; a malformed proof or signal rejects with the contract's custom error. */
export async function verifyEzklOnChain(
  runner: ContractRunner,
  address: string,
  statement: EzklStatement,
): Promise<boolean> {
  const accepted: unknown = await ezklAdapterAt(address, runner)
    .getFunction('verify')
    .staticCall(...ezklArguments(statement));
  return accepted === true;
}
