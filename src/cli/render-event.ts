import type { NodeEvent } from '../evm/node/events.ts';
import type { SenderEvent } from '../evm/sender/pending.ts';

/** A node's event as one line of its log; nothing for steps that another line tells. */
export function renderEvent(event: NodeEvent): string | undefined {
  switch (event.kind) {
    case 'started':
      return `following from block ${event.cursor}, ${event.unfinished} unfinished`;
    case 'reorganised':
      return `block ${event.block} was reorganised away`;
    case 'node-lost':
      return `waiting for the node: ${reasonOf(event.error)}`;
    case 'transaction':
      return event.event.kind === 'confirmed' ? undefined : `request ${event.id}: ${renderSent(event.event)}`;
    case 'settled':
      return `request ${event.id}: ${event.how}`;
    case 'refused':
      return `request ${event.id}: left to others, ${event.reason}`;
    case 'failed':
      return `request ${event.id}: ${event.final ? 'given up' : 'tried again'}, ${reasonOf(event.error)}`;
    case 'postponed':
      return `request ${event.id}: tried again in ${event.retryMs / 1000} s, ${reasonOf(event.error)}`;
    case 'signed':
      return undefined;
    default:
      return `request ${event.id}: ${event.kind}`;
  }
}

function renderSent({ kind, hash, nonce, reason }: SenderEvent): string {
  return `transaction ${hash} ${kind}, nonce ${nonce}${reason === undefined ? '' : `, ${reason}`}`;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
}
