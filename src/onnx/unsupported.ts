import { VouchError } from '../errors.ts';

/** Thrown by an operator's handler; the import collects it with the node's name and goes on to find all problems. */
export class UnsupportedError extends VouchError {
  override readonly name = 'UnsupportedError';
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message, { metaMessages: [fix] });
    this.fix = fix;
  }
}
