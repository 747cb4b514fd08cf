import type { InferenceRequest } from '../binding.ts';

/** Which requests a node works on. */
export interface Policy {
  /** What a request must pay beyond the gas of its callback. */
  readonly minFeeWei?: bigint;
  /** Gas of callbacks is paid by whoever fulfils. */
  readonly maxCallbackGas?: bigint;
  /** Time that must be left before the deadline. */
  readonly minSecondsLeft?: number;
}

/** When and at which price of gas a request is judged. */
export interface Moment {
  readonly timestamp: number;
  readonly gasWei: bigint;
}

const CALLBACK_GAS = 1_000_000n;

/** Why a node leaves a request to others, or `undefined` where it takes it. */
export function refusalReason(
  { fee, callbackGas, deadline }: InferenceRequest,
  { minFeeWei = 0n, maxCallbackGas = CALLBACK_GAS, minSecondsLeft = 0 }: Policy,
  { timestamp, gasWei }: Moment,
): string | undefined {
  if (BigInt(timestamp) > deadline) return 'its deadline has passed';
  if (BigInt(timestamp + minSecondsLeft) > deadline) return `less than ${minSecondsLeft} s are left`;
  const least = minFeeWei + callbackGas * gasWei;
  if (fee < least) return `its fee of ${fee} wei is below ${least}, callback included`;
  if (callbackGas > maxCallbackGas) return `its callback wants ${callbackGas} gas, more than ${maxCallbackGas}`;
  return undefined;
}
