import { VouchError } from '../errors.ts';

/** A data file that does not hold what the model needs. */
export class DataFileError extends VouchError {
  override readonly name = 'DataFileError';
  constructor(path: string, message: string, metaMessages: readonly string[] = []) {
    super(`${path}: ${message}`, { metaMessages });
  }
}
