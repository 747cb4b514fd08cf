// Makes `npm test` and `npm run demo` work on a fresh clone: installs the locked packages when they are missing or stale.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const lock = 'package-lock.json';
const installed = 'node_modules/.package-lock.json';
const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;

if (!fresh) {
  process.stderr.write('installing dependencies (npm ci)\n');
  // onnxruntime-node's install script would download GPU libraries that are never used here.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
    env,
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(`npm ci failed with status ${status}; run it by hand to see why\n`);
    process.exit(status ?? 1);
  }
}
