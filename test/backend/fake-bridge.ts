import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EzklCalls } from '../../src/backend/ezkl/tool.ts';

/**
 * What stands in for the bridge and misbehaves in the way its last argument names. It is a shell script, so that the
 * tests need neither Python nor EZKL. Each process that it starts leaves its number in the folder.
 */
const SCRIPT = `#!/bin/sh
folder=$(dirname "$2")
echo $$ > "$folder/leader"
env > "$folder/environment"
ready() { echo '{"kind":"ready","protocol":1,"version":"23.0.5","python":"3.11.7"}'; }
answer() {
  n=0
  while read -r line; do
    n=$((n + 1))
    printf '%s' "$line" > "$folder/request"
    echo "{\\"id\\":$n,\\"kind\\":\\"result\\",\\"value\\":true}"
  done
}
case $(basename "$2") in
  honest) ready; answer ;;
  slow-line) printf '{"kind":"ready","protocol":1,'; sleep 0.2; echo '"version":"23.0.5","python":"3"}'; answer ;;
  other-version) echo '{"kind":"ready","protocol":1,"version":"22.1.0","python":"3.11.7"}'; sleep 100 ;;
  other-protocol) echo '{"kind":"ready","protocol":2,"version":"23.0.5","python":"3.11.7"}'; sleep 100 ;;
  garbage) echo 'Segmentation fault?'; sleep 100 ;;
  no-object) echo '17'; sleep 100 ;;
  endless-line) ready; read -r line; yes | tr -d '\\n' ;;
  dies-at-start) echo 'ModuleNotFoundError: No module named ezkl' >&2; exit 3 ;;
  silent) sleep 100 ;;
  wrong-id) ready; read -r line; echo '{"id":7,"kind":"result","value":true}'; sleep 100 ;;
  no-answer) ready; read -r line; echo '{"id":1,"kind":"result","value":{"a":1}}'; sleep 100 ;;
  refuses) ready; read -r line; echo '{"id":1,"kind":"error","name":"RuntimeError","message":"[graph] no such operator"}'; read -r line ;;
  no-memory) ready; read -r line; echo '{"id":1,"kind":"error","name":"MemoryError","message":""}'; read -r line ;;
  panics) ready; read -r line; echo '{"id":1,"kind":"error","name":"PanicException","message":"index out of bounds"}'; read -r line ;;
  disk) ready; read -r line; echo '{"id":1,"kind":"error","name":"RuntimeError","message":"[io] No space left on device (os error 28)"}'; read -r line ;;
  aborts) ready; read -r line; echo 'memory allocation of 137438953472 bytes failed' >&2; kill -ABRT $$ ;;
  dies) ready; read -r line; echo 'thread main panicked' >&2; exit 101 ;;
  chatters)
    ready; read -r line; echo 'a report of the first call' >&2
    echo '{"id":1,"kind":"result","value":true}'; read -r line; exit 101 ;;
  hangs) ready; read -r line; sleep 100 & echo $! > "$folder/child"; wait ;;
  works) ready; read -r line; while :; do :; done ;;
  grows) ready; read -r line; x=$(head -c 200000000 /dev/zero | tr '\\0' a); sleep 100 ;;
esac
`;

export interface FakeBridge {
  readonly python: string;
  /** The script that makes it behave so. */
  readonly script: (behaviour: string) => string;
  /** Numbers of the processes that were started, those of `hangs` twice. */
  pids(): number[];
  /** The last request it got. */
  request(): unknown;
  /** Its environment, but for what a shell sets itself. */
  environment(): Readonly<Record<string, string>>;
}

/** Its folder goes with the test that made it. */
export function makeFakeBridge(): FakeBridge {
  const folder = mkdtempSync(join(tmpdir(), 'vouch-bridge-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const python = join(folder, 'python');
  writeFileSync(python, SCRIPT);
  chmodSync(python, 0o755);
  return {
    python,
    script: (behaviour) => join(folder, behaviour),
    pids: () =>
      ['leader', 'child']
        .map((name) => join(folder, name))
        .filter((path) => existsSync(path))
        .map((path) => Number(readFileSync(path, 'utf8'))),
    request: () => JSON.parse(readFileSync(join(folder, 'request'), 'utf8')),
    environment: () => {
      const lines = readFileSync(join(folder, 'environment'), 'utf8').trim().split('\n');
      const entries = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
      return Object.fromEntries(entries.filter(([name]) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)));
    },
  };
}

/** Whether a process is still there; one that nobody has waited for yet is not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export const anyCall: EzklCalls['gen_srs'] = { srs_path: '/nowhere/kzg.srs', logrows: 4 };
