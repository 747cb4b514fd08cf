import { VouchError } from '../errors.ts';

/** Thrown by an operator's handler; the import collects it with the node's name and goes on to find all problems. */
export class UnsupportedError extends VouchError {
  override readonly name = 'UnsupportedError';
  readonly fix: string;
  /** The model input that would have to be fixed at compile time. */
  readonly input: string | undefined;
  constructor(message: string, fix: string, input?: string) {
    super(message, { metaMessages: [fix] });
    this.fix = fix;
    this.input = input;
  }
}
