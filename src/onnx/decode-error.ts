import { VouchError } from '../errors.ts';

/** The bytes are not an ONNX file, or claim more than they hold. */
export class OnnxDecodeError extends VouchError {
  override readonly name = 'OnnxDecodeError';
  constructor(message: string, metaMessages: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? { metaMessages } : { metaMessages, cause });
  }
}
