import { VouchError } from '../errors.ts';
import { toBigEndian } from '../field/bytes.ts';
import { keccak, packWords, verifyingKeyDigest, verifyingKeyWords } from '../verify/evm-words.ts';
import { encodeCore, type ModelCore } from '../verify/model-core.ts';
import type { VerifyingKey } from '../verify/types.ts';

/** A model as its verifier contract stores it. */
export interface VerifierModel {
  readonly core: ModelCore;
  readonly verifyingKey: VerifyingKey;
  readonly layout: Uint8Array;
}

/** The data that follows the runtime in a verifier's code: layout ‖ core ‖ key ‖ layout length << 16 | signals. */
export function encodeModelData({ core, verifyingKey, layout }: VerifierModel): Uint8Array {
  const layoutDigest = keccak(layout);
  const vkDigest = verifyingKeyDigest(verifyingKey);
  if (layoutDigest !== core.layoutDigest) throw new CoreMismatchError('layout', core.layoutDigest, layoutDigest);
  if (vkDigest !== core.vkDigest) throw new CoreMismatchError('verifying key', core.vkDigest, vkDigest);
  const signals = verifyingKey.ic.length - 1;
  const parts = [
    layout,
    encodeCore(core),
    packWords(verifyingKeyWords(verifyingKey)),
    toBigEndian((BigInt(layout.length) << 16n) | BigInt(signals)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** The core speaks of another layout or key. */
export class CoreMismatchError extends VouchError {
  override readonly name = 'Evm.CoreMismatchError';

  constructor(what: string, expected: string, got: string) {
    super(`The model's core was made for another ${what}.`, {
      metaMessages: [`expected digest ${expected}`, `got digest ${got}`],
    });
  }
}
