import type { Hex32 } from '../../verify/json.ts';
import type { InferenceRequest } from '../binding.ts';
import type { LocatedRequest } from '../hub/hub.ts';
import { type Moment, type Policy, refusalReason } from './policy.ts';

/** Decides which requests a node works on. */
export interface Intake {
  /**
   * Judges what was found, and once more what only the price of gas forbade before. Each request is refused once;
   * those that are known otherwise are passed over.
   */
  judge(found: readonly LocatedRequest[], moment: Moment, isKnown: (id: Hex32) => boolean): Judgement;
  /** Passes a request over from now on. */
  dismiss(located: Pick<LocatedRequest, 'id' | 'block'>): void;
  /** Forgets what was dismissed in earlier blocks, which are not searched again. */
  forgetBefore(block: number): void;
}

export interface Judgement {
  readonly accepted: readonly LocatedRequest[];
  readonly refused: readonly { readonly id: Hex32; readonly reason: string }[];
}

/** Requests that wait for cheaper gas; later ones are refused for good. */
const MAX_WAITING = 4096;

export function createIntake(policy: Policy, accepts: (request: InferenceRequest) => boolean = () => true): Intake {
  /** Requests that need no further look, by the block that holds them. */
  const dismissed = new Map<Hex32, number>();
  /** Requests that would be accepted if gas cost nothing. */
  const waiting = new Map<Hex32, LocatedRequest>();
  const reasonAgainst = (request: InferenceRequest, moment: Moment): string | undefined =>
    refusalReason(request, policy, moment) ?? (accepts(request) ? undefined : 'its input is none of the model');

  return {
    judge(found, moment, isKnown) {
      const accepted: LocatedRequest[] = [];
      const refused: { id: Hex32; reason: string }[] = [];
      const fresh = found.filter(({ id }) => !waiting.has(id) && !dismissed.has(id));
      for (const located of [...waiting.values(), ...fresh]) {
        const { id, request, block } = located;
        if (isKnown(id)) {
          waiting.delete(id);
          continue;
        }
        const reason = reasonAgainst(request, moment);
        if (reason === undefined) {
          accepted.push(located);
          continue;
        }
        if (!waiting.has(id)) refused.push({ id, reason });
        const waits = reasonAgainst(request, { ...moment, gasWei: 0n }) === undefined;
        if (waits && (waiting.has(id) || waiting.size < MAX_WAITING)) waiting.set(id, located);
        else {
          waiting.delete(id);
          dismissed.set(id, block);
        }
      }
      return { accepted, refused };
    },
    dismiss({ id, block }) {
      dismissed.set(id, block);
    },
    forgetBefore(cursor) {
      for (const [id, block] of dismissed) if (block < cursor) dismissed.delete(id);
    },
  };
}
