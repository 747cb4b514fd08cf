import type { Command } from 'commander';
import { type AuditReport, audit } from '../../audit/audit.ts';
import type { AuditCheck } from '../../audit/check.ts';
import { ArgumentError } from '../arguments.ts';
import { runStep, TRUST_PTAU, trustedDigest } from '../ceremony-step.ts';
import { addOutputOptions, exitCodes, type OutputOptions } from '../output.ts';
import { renderTable } from '../table.ts';

interface AuditArguments extends OutputOptions {
  readonly calibrate?: string;
  readonly ptau?: string;
  readonly trustPtau?: string;
  readonly address?: string;
  readonly rpc?: string;
}

export function addAudit(program: Command): void {
  const command = program
    .command('audit')
    .description(
      'tie circuit, keys and deployed code to an ONNX file: exit code 0 all true, 1 something false, 2 error',
    )
    .argument('<model>', 'the ONNX file')
    .argument('<dir>', 'a directory made by compile')
    .option('--calibrate <file>', 'the data it was compiled with, to compare')
    .option('--ptau <file>', 'the Powers of Tau of a ceremony')
    .option(...TRUST_PTAU)
    .option('--address <0x…>', "the model's verifier on a chain, to compare")
    .option('--rpc <url>', 'the node to ask for it');
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  vouch audit model.onnx model.vouch --address 0x5FbDB2315678afecb367f032d93F642f64180aa3 --rpc http://127.0.0.1:8545',
    )
    .action((onnx: string, directory: string, options: AuditArguments) =>
      runStep(options, async (step) => {
        const { calibrate, ptau } = options;
        const contract = contractOf(options);
        const report = await audit(onnx, directory, { ...step, ...trustedDigest(options), calibrate, ptau, contract });
        return {
          value: report,
          text: render(report),
          exitCode: report.passed ? exitCodes.success : exitCodes.negative,
        };
      }),
    );
}

function contractOf({ address, rpc }: AuditArguments): { address: string; rpc: string } | undefined {
  if (address === undefined && rpc === undefined) return undefined;
  if (address === undefined || !/^0x[0-9a-fA-F]{40}$/.test(address)) {
    throw new ArgumentError('--address', address ?? '', '0x and 40 hexadecimal digits');
  }
  if (rpc === undefined || !URL.canParse(rpc)) throw new ArgumentError('--rpc', rpc ?? '', 'the URL of a node');
  return { address, rpc };
}

const SIGNS = { holds: '✓', fails: '✗', unchecked: '–' } as const;

function render({ passed, checks, beyond }: AuditReport): string {
  const row = ({ status, name, detail }: AuditCheck) => [SIGNS[status], name, detail];
  const failed = checks.filter(({ status }) => status === 'fails').length;
  return [
    renderTable(['', 'check', ''], checks.map(row)),
    '',
    ...(beyond.length === 0 ? [] : ['Cannot be checked:', ...beyond.map((text) => `  ${text}`), '']),
    passed ? 'everything that was checked is true' : `${failed} of ${checks.length} checks failed`,
  ].join('\n');
}
