import {
  type BaseContract,
  Contract,
  ContractFactory,
  type ContractMethodArgs,
  type ContractRunner,
  type Interface,
  isCallException,
  type Signer,
} from 'ethers';
import { VouchError } from '../errors.ts';
import type { Groth16Proof } from '../verify/types.ts';
import { loadArtifact } from './artifacts.ts';
import { verifyArguments } from './calldata.ts';
import { encodeModelData, type VerifierModel } from './model-data.ts';

export interface DeployedVerifier {
  readonly address: string;
  readonly transactionHash: string;
  readonly gasUsed: bigint;
}

/**
 * Deploys a model's verifier and waits for the receipt. The contract refuses a development key on every
 * chain but 31337.
 */
export async function deployVerifier(signer: Signer, model: VerifierModel): Promise<DeployedVerifier> {
  const { abi, bytecode } = loadArtifact('ModelVerifierDeployment');
  return deployContract(new ContractFactory<[Uint8Array], BaseContract>(abi, bytecode, signer), encodeModelData(model));
}

/** Sends a contract's creation and waits for the receipt. */
export async function deployContract<Values extends unknown[]>(
  factory: ContractFactory<Values, BaseContract>,
  ...values: ContractMethodArgs<Values>
): Promise<DeployedVerifier> {
  const contract = await factory.deploy(...values).catch((cause: unknown) => {
    throw refusalOf(cause, factory.interface) ?? cause;
  });
  const transaction = contract.deploymentTransaction();
  const receipt = await transaction?.wait();
  if (!receipt?.contractAddress) throw new DeploymentLostError(transaction?.hash ?? 'unknown');
  return { address: receipt.contractAddress, transactionHash: receipt.hash, gasUsed: receipt.gasUsed };
}

/** A deployed verifier as an ethers contract. */
export function verifierAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, loadArtifact('ModelVerifier').abi, runner);
}

/** Asks a deployed verifier; a malformed proof or signal rejects with the contract's custom error. */
export async function verifyOnChain(
  runner: ContractRunner,
  address: string,
  publicSignals: readonly bigint[],
  proof: Groth16Proof,
): Promise<boolean> {
  const accepted: unknown = await verifierAt(address, runner)
    .getFunction('verify')
    .staticCall(...verifyArguments(publicSignals, proof));
  return accepted === true;
}

/** The constructor's custom error, which ethers does not decode for a deployment. */
function refusalOf(error: unknown, abi: Interface): DeploymentRefusedError | undefined {
  if (!isCallException(error) || error.data === null) return undefined;
  const reason = abi.parseError(error.data);
  return reason === null ? undefined : new DeploymentRefusedError(reason.name, error);
}

/** The constructor refused the model's data. */
export class DeploymentRefusedError extends VouchError {
  override readonly name = 'Evm.DeploymentRefusedError';

  constructor(reason: string, cause: unknown) {
    const insecure = reason === 'InsecureDevelopmentKey';
    super(`The verifier was not deployed: ${reason}.`, {
      metaMessages: insecure
        ? ['A development key lets its maker forge proofs, so it deploys on chain 31337 only; hold a ceremony.']
        : ['The model directory is damaged or of another version; set it up again.'],
      cause,
    });
  }
}

/** The node gave no receipt for the deployment. */
export class DeploymentLostError extends VouchError {
  override readonly name = 'Evm.DeploymentLostError';

  constructor(hash: string) {
    super(`The deployment ${hash} has no receipt.`, {
      metaMessages: ['Check the node, and whether the transaction was replaced.'],
    });
  }
}
