import { VouchError } from '../errors.ts';

/** A data file does not hold samples of the model's inputs. The message names the file and the place in it. */
export class DataFileError extends VouchError {
  override readonly name = 'DataFileError';
  constructor(message: string, metaMessages: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? { metaMessages } : { metaMessages, cause });
  }
}
