import { VouchError } from '../errors.ts';

/** The statuses of native/status.h, and what each means for the caller. */
export const STATUS = { ok: 0, outOfMemory: 1, cancelled: 2, doesNotBlind: 25 } as const;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [1, 'there is not enough memory'],
  [3, 'the witness has a value that is not below the order of the field'],
  [4, 'the witness does not have one value for each wire of the key'],
  [5, 'the circuit has an index or a coefficient that stands for nothing'],
  [16, 'the proving key is cut short'],
  [17, 'the proving key is not a Groth16 .zkey file'],
  [18, 'the curve of the proving key is not BN254'],
  [19, 'a section of the proving key is missing'],
  [20, 'a section of the proving key occurs twice'],
  [21, 'a section of the proving key has the wrong size'],
  [22, "the proving key's domain is not a power of two up to 2^27"],
  [23, 'a coefficient of the proving key belongs to no row or wire'],
  [24, 'the prepared key was made by another version: make it again (vouch prepare)'],
  [STATUS.doesNotBlind, 'with this proving key (its point delta) a proof would not hide its witness'],
]);

/** The native kernel refused its input. */
export class NativeKernelError extends VouchError {
  override readonly name = 'Kernel.NativeKernelError';
  readonly status: number;

  constructor(status: number) {
    const system = status < 0 ? `the proving key could not be read (system error ${-status})` : undefined;
    super(`No proof was made: ${MEANINGS.get(status) ?? system ?? `the native kernel ended with status ${status}`}.`, {
      metaMessages: ['Check that the proving key and the witness come from the same compiled model.'],
    });
    this.status = status;
  }
}
