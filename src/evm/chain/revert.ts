import { Interface } from 'ethers';
import { VouchError } from '../../errors.ts';
import { loadArtifact } from '../artifacts.ts';

/** A contract's custom error. */
export interface RevertReason {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** Contracts whose errors a call of ours can meet. */
const CONTRACTS = ['IInferenceHub', 'ModelVerifier', 'ModelVerifierDeployment'];
let interfaces: readonly Interface[] | undefined;

/** What revert data in hex means, where it is an error of our contracts or one that Solidity defines. */
export function decodeRevert(data: string): RevertReason | undefined {
  interfaces ??= CONTRACTS.map((name) => new Interface(loadArtifact(name).abi));
  for (const abi of interfaces) {
    const error = data.length < 10 ? null : abi.parseError(data);
    if (error !== null) return { name: error.name, values: [...error.args] };
  }
  return undefined;
}

/** A transaction would revert, or was mined and did; the first costs nothing. */
export class TransactionRevertedError extends VouchError {
  override readonly name = 'Evm.TransactionRevertedError';
  readonly reason: RevertReason | undefined;
  /** Present where the transaction was mined. */
  readonly transactionHash: string | undefined;

  constructor(data: string, transactionHash: string | undefined, cause?: unknown) {
    const reason = decodeRevert(data);
    const what =
      reason === undefined ? 'without a known reason' : `${reason.name}(${reason.values.map(String).join(', ')})`;
    super(`The contract refused the transaction: ${what}.`, {
      metaMessages: transactionHash === undefined ? ['It was not sent.'] : [`transaction ${transactionHash}`],
      cause,
    });
    this.reason = reason;
    this.transactionHash = transactionHash;
  }
}
