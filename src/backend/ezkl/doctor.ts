import { createRequire } from 'node:module';
import { InternalError, VouchError } from '../../errors.ts';
import { ENGINE_VERSION } from '../engine-package.ts';
import { binaryVersion } from './binary.ts';
import { startBridge } from './bridge.ts';
import { callLimits } from './find-tool.ts';
import { environmentFolder, findProgram, isProgram, pythonOf } from './places.ts';
import { EZKL_VERSION } from './version.ts';

/** One thing that the backend uses, and how to get it where it is missing. */
export interface Finding {
  readonly part: 'binary' | 'wheel' | 'python' | 'engine' | 'solc';
  readonly status: 'usable' | 'other version' | 'broken' | 'missing';
  readonly version: string | undefined;
  readonly place: string | undefined;
  readonly use: string;
  readonly advice: string | undefined;
}

export interface Diagnosis {
  readonly required: string;
  /** Which of the two ways to EZKL is taken; none where neither is there. */
  readonly used: 'binary' | 'wheel' | undefined;
  readonly findings: readonly Finding[];
}

const INSTALL = 'vouch backend install ezkl';

/** Looks at everything that the backend may use; each version is asked for, none is assumed. */
export async function diagnose(): Promise<Diagnosis> {
  const findings = [await binary(), await wheel(), await python(), engine(), solc()];
  const used = findings.find(
    ({ part, status }) => (part === 'binary' || part === 'wheel') && status === 'usable',
  )?.part;
  return { required: EZKL_VERSION, used: used === 'binary' || used === 'wheel' ? used : undefined, findings };
}

async function binary(): Promise<Finding> {
  const place = findProgram('ezkl');
  const common = { part: 'binary', place, use: "EZKL's program on the PATH" } as const;
  const advice = `not needed: ${INSTALL}`;
  if (place === undefined) return { ...common, status: 'missing', version: undefined, advice };
  const version = await versionOr(() => binaryVersion(place));
  const status = version === EZKL_VERSION ? 'usable' : 'other version';
  return { ...common, status, version, advice: status === 'usable' ? undefined : `it is passed over; ${advice}` };
}

async function wheel(): Promise<Finding> {
  const place = pythonOf(environmentFolder());
  const common = { part: 'wheel', place, use: "EZKL's Python wheel, in an environment of its own" } as const;
  if (!isProgram(place)) return { ...common, place: undefined, status: 'missing', version: undefined, advice: INSTALL };
  const version = await versionOr(async () => {
    const tool = await startBridge(place, callLimits());
    await tool.close();
    return tool.version;
  });
  if (version === EZKL_VERSION) return { ...common, status: 'usable', version, advice: undefined };
  return { ...common, status: 'broken', version, advice: `${INSTALL} --force` };
}

async function python(): Promise<Finding> {
  const place = findProgram('python3') ?? findProgram('python');
  const common = { part: 'python', place, version: undefined, use: 'to install the wheel' } as const;
  if (place !== undefined) return { ...common, status: 'usable', advice: undefined };
  return { ...common, status: 'missing', advice: 'install Python 3.8 or newer with its venv module' };
}

function engine(): Finding {
  const name = '@ezkljs/engine';
  const found = packageVersion(name);
  const common = { part: 'engine', use: 'to verify without native code', ...found } as const;
  const advice = `npm install ${name}@${ENGINE_VERSION} (it states no licence)`;
  if (found.version === undefined) return { ...common, status: 'missing', advice };
  if (found.version === ENGINE_VERSION) return { ...common, status: 'usable', advice: undefined };
  return { ...common, status: 'other version', advice };
}

function solc(): Finding {
  const found = packageVersion('solc');
  const place = found.place ?? findProgram('solc');
  const common = { part: 'solc', use: "to deploy EZKL's verifier contract", version: found.version, place } as const;
  if (place !== undefined) return { ...common, status: 'usable', advice: undefined };
  return { ...common, status: 'missing', advice: 'npm install solc' };
}

function packageVersion(name: string): { readonly version: string | undefined; readonly place: string | undefined } {
  const require = createRequire(import.meta.url);
  try {
    const place = require.resolve(`${name}/package.json`);
    const version: unknown = require(place).version;
    return { version: String(version).replace(/^v/, ''), place };
  } catch {
    return { version: undefined, place: undefined };
  }
}

/** The version that a program tells, or why it tells none. */
async function versionOr(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof VouchError || error instanceof InternalError) return error.message.split('\n')[0];
    throw error;
  }
}
