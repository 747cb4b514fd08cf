import type { InferenceRequest } from '../binding.ts';

/** Which requests a node works on. */
export interface Policy {
  readonly minFeeWei?: bigint;
  /** Gas of callbacks is paid by whoever fulfils. */
  readonly maxCallbackGas?: bigint;
  /** Time that must be left before the deadline. */
  readonly minSecondsLeft?: number;
}

const CALLBACK_GAS = 1_000_000n;

/** Why a node leaves a request to others, or `undefined` where it takes it. */
export function refusalReason(
  { fee, callbackGas, deadline }: InferenceRequest,
  { minFeeWei = 0n, maxCallbackGas = CALLBACK_GAS, minSecondsLeft = 0 }: Policy,
  nowSeconds: number,
): string | undefined {
  if (BigInt(nowSeconds) > deadline) return 'its deadline has passed';
  if (BigInt(nowSeconds + minSecondsLeft) > deadline) return `less than ${minSecondsLeft} s are left`;
  if (fee < minFeeWei) return `its fee of ${fee} wei is below ${minFeeWei}`;
  if (callbackGas > maxCallbackGas) return `its callback wants ${callbackGas} gas, more than ${maxCallbackGas}`;
  return undefined;
}
