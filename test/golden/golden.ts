import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Constraints by what they are spent on. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Committed counts, one JSON file per test file. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes what is counted now
 * (with `VOUCH_HEAVY=1` the large models too); the change then shows in review.
 */
export interface Golden {
  /** Fails with the difference unless `name` costs what it did. */
  check(name: string, counts: Counts): void;
  /** Fails for names that nobody checks any more; writes the file when it is to be updated. */
  finish(): void;
}

const updating = process.env.UPDATE_GOLDEN !== undefined;
const howTo = 'If this is intended: UPDATE_GOLDEN=1 npx vitest run test/golden';

export function openGolden(file: string): Golden {
  const path = `test/golden/${file}`;
  const before: Record<string, Counts> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const after: Record<string, Counts> = {};
  return {
    check(name, counts) {
      after[name] = counts;
      if (updating) return;
      const changes = differences(before[name] ?? {}, counts);
      if (changes.length > 0)
        expect.fail([`${name} costs something else than ${path} says:`, ...changes, howTo].join('\n'));
    },
    finish() {
      const sorted = Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1)));
      if (updating) writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
      else
        expect(
          Object.keys(before).filter((name) => after[name] === undefined),
          `${path} has more`,
        ).toEqual([]);
    },
  };
}

/** Lines such as `  Gemm relu: 120 → 132 (+12)`. */
function differences(before: Counts, after: Counts): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (was === is) return [];
    const change = (is ?? 0) - (was ?? 0);
    return [`  ${key}: ${was ?? 'none'} → ${is ?? 'none'} (${change > 0 ? '+' : ''}${change})`];
  });
}
