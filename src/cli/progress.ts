import type { OutputOptions } from './output.ts';

/** Progress on standard error: one line rewritten on a terminal, a line per stage otherwise, nothing when quiet. */
export interface Progress {
  stage(name: string, detail?: string): void;
  done(): void;
}

export function createProgress({ quiet = false }: OutputOptions): Progress {
  const started = performance.now();
  const terminal = process.stderr.isTTY === true;
  let current = '';
  let open = false;
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  return {
    stage(name, detail = '') {
      if (quiet) return;
      const text = detail === '' ? name : `${name}: ${detail}`;
      if (terminal) {
        process.stderr.write(`\r\x1b[2K${seconds().padStart(7)}  ${text}`);
        open = true;
      } else if (name !== current) process.stderr.write(`${seconds().padStart(7)}  ${name}\n`);
      current = name;
    },
    done() {
      if (open) process.stderr.write('\r\x1b[2K');
      open = false;
    },
  };
}
