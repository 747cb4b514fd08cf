import type { Hex32 } from '../../verify/json.ts';
import type { SenderEvent } from '../sender/pending.ts';
import type { Settlement } from './job.ts';

/** What a node reports about a request, in this order unless something goes wrong. */
export type RequestEvent =
  | { readonly kind: 'seen' | 'proving' | 'proved'; readonly id: Hex32 }
  /** A version of its transaction was signed and written to the state file. */
  | { readonly kind: 'signed'; readonly id: Hex32; readonly hash: string }
  | { readonly kind: 'transaction'; readonly id: Hex32; readonly event: SenderEvent }
  | { readonly kind: 'settled'; readonly id: Hex32; readonly how: Settlement }
  /** A reorganisation undid its end. */
  | { readonly kind: 'reopened'; readonly id: Hex32 }
  /** Left to others. Where only the price of gas is the reason, it is `seen` when that has fallen enough. */
  | { readonly kind: 'refused'; readonly id: Hex32; readonly reason: string }
  /** Its proof failed, or the hub refused it. It is tried again unless `final`. */
  | { readonly kind: 'failed'; readonly id: Hex32; readonly error: unknown; readonly final: boolean }
  /** Something else is to blame, as often as it takes: the chain's node, the fee limit or an empty account. */
  | { readonly kind: 'postponed'; readonly id: Hex32; readonly error: unknown; readonly retryMs: number };

/** What a node reports. */
export type NodeEvent =
  | RequestEvent
  | { readonly kind: 'started'; readonly cursor: number; readonly unfinished: number }
  | { readonly kind: 'reorganised'; readonly block: number }
  | { readonly kind: 'node-lost'; readonly error: unknown };
