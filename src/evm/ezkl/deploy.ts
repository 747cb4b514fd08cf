import { type BaseContract, Contract, ContractFactory, type ContractRunner, keccak256, type Signer } from 'ethers';
import type { Hex32 } from '../../verify/json.ts';
import type { TrustLevel } from '../../verify/types.ts';
import { loadArtifact } from '../artifacts.ts';
import { type DeployedVerifier, deployContract } from '../deploy.ts';
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
  /** Names the ONNX file, settings, circuit and verifying key. */
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
  const { bytecode, deployedBytecode } = model.verifier;
  const verifier = await deployContract(new ContractFactory<[], BaseContract>([], bytecode, signer));
  const { abi, bytecode: creation } = loadArtifact('EzklAdapter');
  const factory = new ContractFactory<[AdapterModel], BaseContract>(abi, creation, signer);
  const adapter = await deployContract(factory, {
    verifier: verifier.address,
    codeHash: keccak256(deployedBytecode),
    proofBytes: model.proofBytes,
    signalCount: model.signals,
    modelDigest: model.modelDigest,
    trust: model.trust === 'ceremony' ? 1 : 0,
  });
  return { verifier, adapter };
}

/** The struct of the adapter's constructor. */
interface AdapterModel {
  readonly verifier: string;
  readonly codeHash: string;
  readonly proofBytes: number;
  readonly signalCount: number;
  readonly modelDigest: string;
  readonly trust: number;
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
