import { readdirSync } from 'node:fs';
import { statFields } from '../process-stat.ts';

/** Resident memory of a process and of all that it has started, in whatever group; 0 where the system does not tell. */
export function treeBytes(root: number): number {
  const children = new Map<number, number[]>();
  const resident = new Map<number, number>();
  for (const name of list('/proc')) {
    const fields = statFields(name);
    const [pid, parent] = [Number(name), Number(fields[1])];
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    resident.set(pid, Number(fields[21]) * PAGE_BYTES);
  }
  let sum = 0;
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    sum += resident.get(pid) ?? 0;
    waiting.push(...(children.get(pid) ?? []));
  }
  return sum;
}

const PAGE_BYTES = 4096;

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
