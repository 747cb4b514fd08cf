import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VouchError } from '../../errors.ts';
import { withTemporary } from '../../temporary.ts';
import { FullDiskError, makeFolder, replaceFolder } from '../../write-file.ts';
import { startBridge } from './bridge.ts';
import { environmentFolder, findProgram, isProgram, pythonOf } from './places.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import { isFull } from './room.ts';
import { tail } from './supervise.ts';

/** The one version, with the digest of each of its wheels. */
const REQUIREMENTS = fileURLToPath(new URL('../../../bridge/requirements.txt', import.meta.url));
/** Neither the current folder nor PYTHON* variables say what a module is: both may be somebody else's. */
const ISOLATED = ['-I', '-m'];
const MEMORY_MB = 4096;
const START = { memoryMb: MEMORY_MB, timeoutMs: 60_000, stallMs: 60_000 };

export interface InstallOptions {
  /** Makes it again where it is there already. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: string) => void) | undefined;
}

export interface Installed {
  readonly folder: string;
  readonly python: string;
  readonly version: string;
  readonly status: 'installed' | 'was there';
}

/**
 * Makes a private Python environment with the pinned wheel in the user's cache. The wheel's digest is checked by pip,
 * and it is loaded once; only then does the environment get its name.
 */
export async function installEzkl({ force = false, signal, onProgress }: InstallOptions = {}): Promise<Installed> {
  const folder = environmentFolder();
  const python = pythonOf(folder);
  if (!force && isProgram(python)) {
    onProgress?.('check');
    return { folder, python, version: await versionOf(python), status: 'was there' };
  }
  const base = findProgram('python3') ?? findProgram('python');
  if (base === undefined) throw new NoPythonError();
  await makeFolder(dirname(folder));
  return await withTemporary(folder, async (temporary) => {
    onProgress?.('make an environment');
    const ran = (command: readonly string[], advice: string) =>
      run(command, signal, advice).catch(async (error: unknown) => {
        // Neither venv nor pip need say so, and their files are still there.
        throw error instanceof InstallFailedError && (await isFull(dirname(folder)))
          ? new FullDiskError(folder, error)
          : error;
      });
    await ran([base, ...ISOLATED, 'venv', temporary], 'On Debian and Ubuntu: apt install python3-venv');
    onProgress?.('fetch the wheel');
    const pip = [...ISOLATED, 'pip', 'install', '--require-hashes', '--no-deps', '--only-binary', ':all:'];
    const quiet = ['--no-input', '--disable-pip-version-check', '--quiet', '-r', REQUIREMENTS];
    await ran([pythonOf(temporary), ...pip, ...quiet], 'The wheel comes from PyPI, or from the index pip is set to.');
    onProgress?.('check');
    const version = await versionOf(pythonOf(temporary));
    await replaceFolder(temporary, folder);
    return { folder, python, version, status: 'installed' };
  });
}

async function versionOf(python: string): Promise<string> {
  const tool = await startBridge(python, START);
  await tool.close();
  return tool.version;
}

async function run(command: readonly string[], signal: AbortSignal | undefined, advice: string): Promise<void> {
  signal?.throwIfAborted();
  const group: ProcessGroup = startGroup(command, { memoryMb: MEMORY_MB, network: 'open' });
  const abort = () => group.kill();
  signal?.addEventListener('abort', abort, { once: true });
  group.input.end();
  group.output.resume();
  const { code, signal: killed } = await group.ended;
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  if (code !== 0)
    throw new InstallFailedError(command.slice(1, 4).join(' '), killed ?? `exit code ${code}`, group, advice);
}

/** There is no Python to make an environment with. */
export class NoPythonError extends VouchError {
  override readonly name = 'Backend.NoPythonError';

  constructor() {
    super("EZKL's wheel needs Python, and there is none on the PATH", {
      metaMessages: ['Install Python 3.8 or newer with its venv module, then repeat the command.'],
    });
  }
}

/** Python or pip broke off. Nothing is left behind. */
export class InstallFailedError extends VouchError {
  override readonly name = 'Backend.InstallFailedError';

  constructor(step: string, ending: string, group: ProcessGroup, advice: string) {
    super(`EZKL was not installed: python ${step} ended with ${ending}`, {
      metaMessages: [...tail(group.lastWords()).filter((line) => line !== ''), advice],
      docsPath: 'docs/ezkl.md',
    });
  }
}
