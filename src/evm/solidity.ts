import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { VouchError } from '../errors.ts';

/** A contract as a compiler made it; equal sources and compilers give equal code. */
export interface CompiledContract {
  readonly name: string;
  /** Which compiler and what version of it. */
  readonly compiler: string;
  /** In hex with 0x. */
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

/** A program that reads a task from standard input and writes what it made of it, as `solc --standard-json` does. */
export interface SolidityCompiler {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly name: string;
}

const WRAPPER = `
const solc = require(process.argv[1]);
let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => process.stdout.write(solc.compile(text)));
`;

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 1 << 26;

/** Compiles a source with one contract that somebody else wrote, in a process of its own. */
export async function compileSolidity(source: string, compiler = findSolidityCompiler()): Promise<CompiledContract> {
  const input = {
    language: 'Solidity',
    sources: { [FILE]: { content: source } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      // No metadata: the code's hash then says what was compiled, not where.
      metadata: { appendCBOR: false, bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['evm.bytecode.object', 'evm.deployedBytecode.object', 'metadata'] } },
    },
  };
  const { errors = [], contracts = {} } = parseOutput(await run(compiler, JSON.stringify(input)));
  const failures = errors.filter(({ severity }) => severity === 'error');
  if (failures.length > 0) throw new SolidityError(failures.map(({ message }) => message));
  const found = Object.entries(contracts[FILE] ?? {}).filter(([, { evm }]) => evm.bytecode.object !== '');
  if (found.length !== 1) throw new SolidityError([`expected one contract, got ${found.length}`]);
  const [name, { evm, metadata }] = found[0];
  return {
    name,
    compiler: `${compiler.name} ${JSON.parse(metadata).compiler.version}`,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
}

const FILE = 'source.sol';

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly message: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, OutputContract>>>>;
}

interface OutputContract {
  readonly evm: Readonly<Record<'bytecode' | 'deployedBytecode', { readonly object: string }>>;
  readonly metadata: string;
}

/** The npm package `solc` where that is installed, else `solc` on the path, which may be missing. */
export function findSolidityCompiler(): SolidityCompiler {
  try {
    const path = createRequire(import.meta.url).resolve('solc');
    return { program: process.execPath, parameters: ['-e', WRAPPER, path], name: 'npm solc' };
  } catch {
    return { program: 'solc', parameters: ['--standard-json'], name: 'solc' };
  }
}

function run({ program, parameters }: SolidityCompiler, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT };
    const child = execFile(program, parameters, options, (error, output) => {
      if (error === null) resolve(output);
      else if ('code' in error && error.code === 'ENOENT') reject(new SolidityCompilerMissingError(error));
      else reject(new SolidityError([error.message.split('\n')[0]], error));
    });
    // Its end is what is reported, not what it could not be sent.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function parseOutput(text: string): Output {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SolidityError([`the compiler wrote no JSON: ${text.slice(0, 80)}`], cause);
  }
}

/** There is no compiler on this machine. */
export class SolidityCompilerMissingError extends VouchError {
  override readonly name = 'Evm.SolidityCompilerMissingError';

  constructor(cause: unknown) {
    super('EZKL writes its verifiers as Solidity, and there is no compiler for it here.', {
      metaMessages: ['Install one: npm install solc@0.8.37', 'or put the program solc, 0.8.24 or later, on the PATH'],
      cause,
    });
  }
}

/** The source cannot be compiled. */
export class SolidityError extends VouchError {
  override readonly name = 'Evm.SolidityError';

  constructor(complaints: readonly string[], cause?: unknown) {
    super('The verifier could not be compiled.', { metaMessages: complaints.slice(0, 5), cause });
  }
}
