import { type Command, Option } from 'commander';
import { type BackendName, backendNames } from '../backend/contract.ts';
import { isEzklFolder } from '../backend/ezkl/model-folder.ts';
import type { CallLimits } from '../backend/ezkl/supervise.ts';
import { VouchError } from '../errors.ts';
import { ArgumentError } from './arguments.ts';

export interface BackendArguments {
  readonly backend?: BackendName;
  readonly memory?: string;
  readonly timeout?: string;
}

/** The options of every verb that a second prover has too. */
export function addBackendOptions(command: Command, { usual }: { readonly usual: string }): Command {
  command
    .addOption(new Option('--backend <name>', usual).choices(backendNames))
    .option('--memory <size>', 'with ezkl: most memory it may take, as 16G or 900M (default: 75 % of the machine)');
  if (command.options.some(({ long }) => long === '--timeout')) return command;
  return command.option('--timeout <seconds>', 'with ezkl: longest that one of its steps may take');
}

/** Whether a directory is EZKL's; refuses a `--backend` that says otherwise. */
export async function usesEzkl(directory: string, { backend }: BackendArguments): Promise<boolean> {
  const made: BackendName = (await isEzklFolder(directory)) ? 'ezkl' : 'groth16';
  if (backend !== undefined && backend !== made) throw new OtherBackendError(directory, made, backend);
  return made === 'ezkl';
}

/** Options that say something about the other backend are refused, rather than passed over. */
export function refuseOptions(command: Command, names: readonly string[], backend: BackendName): void {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const option = command.options.find((known) => known.attributeName() === given);
  throw new ArgumentError(
    option?.long ?? given,
    String(command.getOptionValue(given)),
    `no such option with ${backend}`,
  );
}

/** Options that only EZKL has. */
export const ezklOnly = ['memory', 'target', 'network', 'maxLogrows', 'srs', 'trustSrs', 'engine'];

const UNITS_MB = { M: 1, G: 1024 } as const;
const MAX_MB = 1 << 24;

/** Limits of EZKL's calls from the command line. */
export function toCallLimits({ memory, timeout }: BackendArguments): Partial<CallLimits> {
  return {
    ...(memory === undefined ? {} : { memoryMb: parseMemory(memory) }),
    ...(timeout === undefined ? {} : { timeoutMs: parseSeconds(timeout) * 1000 }),
  };
}

function parseMemory(text: string): number {
  const match = /^(\d{1,8})([MG])(?:i?B)?$/.exec(text);
  const unit = match?.[2] === 'M' || match?.[2] === 'G' ? UNITS_MB[match[2]] : 0;
  const megabytes = Number(match?.[1] ?? 0) * unit;
  if (megabytes >= 1 && megabytes <= MAX_MB) return megabytes;
  throw new ArgumentError('--memory', text, 'a size such as 16G or 900M');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 1_000_000) return seconds;
  throw new ArgumentError('--timeout', text, 'a whole number of seconds');
}

/** The directory was made by another backend than the one asked for. */
export class OtherBackendError extends VouchError {
  override readonly name = 'OtherBackendError';

  constructor(directory: string, made: BackendName, asked: BackendName) {
    super(`"${directory}" was compiled with the backend ${made}, not ${asked}`, {
      metaMessages: ['Leave --backend out: the directory says which it is.'],
    });
  }
}
