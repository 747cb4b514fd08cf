import { VouchError } from '../../errors.ts';

/**
 * The version of EZKL that this backend is written for. Its files change their form between minor versions, so no other
 * one is used.
 */
export const EZKL_VERSION = '23.0.5';

/** Something was made, or is offered, by another version of EZKL. */
export class EzklVersionError extends VouchError {
  override readonly name = 'Backend.EzklVersionError';

  constructor(what: string, got: string, fix: string, expected: string = EZKL_VERSION) {
    super(`${what} is of EZKL ${got}, not ${expected}`, {
      metaMessages: ["EZKL's files change their form between versions.", fix],
    });
  }
}
