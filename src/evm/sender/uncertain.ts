import { VouchError } from '../../errors.ts';
import type { SentRecord } from './pending.ts';

/** Nobody is watching any more, and the transaction may still be mined. */
export class TransactionUncertainError extends VouchError {
  override readonly name = 'Evm.TransactionUncertainError';
  readonly records: readonly SentRecord[];

  constructor(records: readonly SentRecord[], cause: unknown) {
    super('It is not known whether the transaction was mined.', {
      metaMessages: records.map(({ nonce, hash }) => `nonce ${nonce}, ${hash}`),
      cause,
    });
    this.records = records;
  }
}

export class SenderClosedError extends VouchError {
  override readonly name = 'Evm.SenderClosedError';

  constructor() {
    super('The sender was closed.');
  }
}
