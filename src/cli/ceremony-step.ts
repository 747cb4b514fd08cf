import { type Command, Option } from 'commander';
import { KERNELS, type KernelName } from '../kernel/choose.ts';
import type { StepKernel } from '../keys/ceremony/lend-kernel.ts';
import type { CeremonyOptions } from '../keys/ceremony/options.ts';
import { ArgumentError } from './arguments.ts';
import { cancellable } from './cancel.ts';
import { type OutputOptions, renderPassedOver } from './output.ts';
import { type Outcome, runCommand } from './run.ts';

export interface KernelArguments {
  readonly kernel?: KernelName;
}

/** Steps with long sections to multiply or add up take it. */
export function addKernelOption(command: Command): Command {
  return command.addOption(
    new Option('--kernel <name>', 'what multiplies and adds points; by default the fastest').choices(KERNELS),
  );
}

/** Lines that say who did the arithmetic. */
export function renderStepKernel({ name, passedOver }: StepKernel): string {
  return [`kernel ${name}`, ...renderPassedOver(passedOver)].join('\n');
}

export interface PtauArguments extends OutputOptions {
  readonly ptau: string;
  readonly trustPtau?: string;
}

export const PTAU = ['--ptau <file>', 'Powers of Tau, prepared for phase 2'] as const;
export const TRUST_PTAU = [
  '--trust-ptau <blake2b>',
  'skip the full check of a file with this BLAKE2b-512 digest',
] as const;

/** A step of a ceremony: cancellable, with progress. */
export function runStep(options: OutputOptions, work: (step: CeremonyOptions) => Promise<Outcome>): Promise<void> {
  return runCommand(options, (progress) =>
    cancellable((signal) => work({ signal, onProgress: (stage, detail) => progress.stage(stage, detail) })),
  );
}

export function trustedDigest({ trustPtau }: Pick<PtauArguments, 'trustPtau'>): { trustedDigest?: string } {
  if (trustPtau === undefined) return {};
  if (!/^[0-9a-f]{128}$/.test(trustPtau)) {
    throw new ArgumentError('--trust-ptau', trustPtau, '128 lower-case hexadecimal digits');
  }
  return { trustedDigest: trustPtau };
}
