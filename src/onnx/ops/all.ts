import type { OpHandler, OpTable } from '../op.ts';
import { ops as linear } from './linear.ts';

const tables: readonly (readonly [domain: string, table: OpTable])[] = [['', linear]];

const handlers = new Map<string, OpHandler>(
  tables.flatMap(([domain, table]) =>
    Object.entries(table).map(([op, handler]) => [`${domain}:${op}`, handler] as const),
  ),
);

export function handlerOf(domain: string, op: string): OpHandler | undefined {
  return handlers.get(`${domain}:${op}`);
}

/** Every supported operator as `domain:Name`, sorted. */
export function supportedOps(): string[] {
  return [...handlers.keys()].sort();
}
