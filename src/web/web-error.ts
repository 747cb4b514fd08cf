import { VouchError } from '../errors.ts';

/** The browser lacks what the kernel is built on. */
export class UnsupportedBrowserError extends VouchError {
  override readonly name = 'Web.UnsupportedBrowserError';

  constructor(reason: string) {
    super(`This browser cannot prove: ${reason}.`, {
      metaMessages: ['Chrome and Edge from 91, Firefox from 89 and Safari from 16.4 can.'],
    });
  }
}

/** The prover was closed while, or before, it was asked. */
export class ProverClosedError extends VouchError {
  override readonly name = 'Web.ProverClosedError';

  constructor() {
    super('The prover has been closed.', { metaMessages: ['Open another one with openProver.'] });
  }
}
