import { VouchError } from '../../errors.ts';

/** The model uses something for which EZKL has no operators that it could be written with. */
export class CannotRewriteError extends VouchError {
  override readonly name = 'Backend.CannotRewriteError';

  constructor(what: string) {
    super(`the network cannot be rewritten for EZKL: ${what}`, { metaMessages: ['Compile it with Groth16.'] });
  }
}
