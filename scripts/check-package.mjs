// node scripts/check-package.mjs [npm version …]: packs the project, installs the tarball into an empty project with each
// npm, then runs the README's library example and the command line there. Nothing of this checkout is on its path.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['10', '11'];
const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'vouch-package-'));
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };

const run = (cwd, command, args, expected = 0) => {
  try {
    const output = execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    if (expected !== 0) throw Object.assign(new Error('it succeeded'), { status: 0, stdout: output, stderr: '' });
    return output;
  } catch (error) {
    if (error.status === expected) return error.stdout;
    throw new Error(`${command} ${args.join(' ')} in ${cwd}: status ${error.status}\n${error.stdout}${error.stderr}`);
  }
};

/** The README's first TypeScript block, as a user copies it. */
function libraryExample() {
  const [, code] = readFileSync(join(root, 'README.md'), 'utf8').match(/```ts\n([\s\S]*?)```/) ?? [];
  if (code === undefined) throw new Error('the README has no TypeScript example');
  return code;
}

function check(version, tarball) {
  const project = mkdtempSync(join(work, `npm-${version}-`));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  const npm = ['--yes', `npm@${version}`];
  run(project, 'npx', [...npm, 'install', tarball, '--no-audit', '--no-fund', '--prefer-offline']);
  cpSync(join(root, 'models/credit-mlp/model.onnx'), join(project, 'model.onnx'));
  cpSync(join(root, 'models/credit-mlp/calibration.npz'), join(project, 'samples.npz'));
  cpSync(join(root, 'models/credit-mlp/input.json'), join(project, 'input.json'));
  writeFileSync(join(project, 'example.mts'), libraryExample());
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['example.mts'] }));
  const typescript = join(root, 'node_modules/typescript/bin/tsc');
  run(project, process.execPath, [typescript, '-p', '.']);
  run(project, process.execPath, ['example.mjs']);
  const vouch = (...args) => run(project, 'npx', ['--no-install', 'vouch', ...args]);
  vouch('--help');
  vouch('inspect', 'model.onnx', '--calibrate', 'samples.npz', '--json');
  vouch('compile', 'model.onnx', '--calibrate', 'samples.npz', '-o', 'model.vouch', '--json');
  vouch('setup', 'model.vouch', '--insecure-dev', '--json');
  vouch('prove', 'model.vouch', '-i', 'input.json', '-o', 'proof.json', '--json');
  const verdict = JSON.parse(vouch('verify', 'proof.json', '-k', 'model.vouch', '--json'));
  if (verdict.valid !== true) throw new Error(`the proof was not accepted: ${JSON.stringify(verdict)}`);
  const proof = JSON.parse(readFileSync(join(project, 'proof.json'), 'utf8'));
  proof.publicSignals[0] = `${BigInt(proof.publicSignals[0]) + 1n}`;
  writeFileSync(join(project, 'forged.json'), JSON.stringify(proof));
  run(project, 'npx', ['--no-install', 'vouch', 'verify', 'forged.json', '-k', 'model.vouch', '--json'], 1);
  process.stdout.write(`npm ${version}: the packed tarball installs, the README's example and the command line run\n`);
}

const compilerOptions = {
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  skipLibCheck: true,
};

try {
  run(root, 'npm', ['run', '--silent', 'build']);
  const [{ filename, size, unpackedSize }] = JSON.parse(
    run(root, 'npm', ['pack', '--json', '--pack-destination', work]),
  );
  process.stdout.write(`${filename}: ${size} bytes packed, ${unpackedSize} unpacked\n`);
  for (const version of versions) check(version, join(work, filename));
} finally {
  rmSync(work, { recursive: true, force: true });
}
