import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type DemoResult, runDemo } from '../../demo.ts';
import { printJson, reportFailure } from '../output.ts';
import { createProgress } from '../progress.ts';
import { formatNumber, renderTable } from '../table.ts';

interface DemoArguments {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('one real model through the whole pipeline, down to a contract on an embedded chain')
    .argument('[folder]', 'a folder with model.onnx, calibration.npz and heldout.npz', bundledModel())
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  vouch demo models/mnist-mlp')
    .action(run);
}

/** The digit model beside the sources. */
function bundledModel(): string {
  return fileURLToPath(new URL('../../../models/mnist-mlp', import.meta.url));
}

async function run(folder: string, options: DemoArguments): Promise<void> {
  const progress = createProgress(options);
  try {
    const result = await runDemo({ folder, onStage: (stage) => progress.stage(stage) });
    progress.done();
    if (options.json === true) printJson(result);
    else process.stdout.write(`${render(result)}\n`);
  } catch (error) {
    progress.done();
    reportFailure(error, options);
  }
}

function render(result: DemoResult): string {
  const { elapsedMs, rejected } = result;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const word = (isRejected: boolean): string => (isRejected ? 'rejected' : 'ACCEPTED');
  return [
    `A held-out digit ${result.label}: the float model says ${result.floatClass}, the proved model says ${result.provedClass}.`,
    `The contract accepted the proof. Tampered output: ${word(rejected.tamperedOutput)}. Another binding: ${word(rejected.otherBinding)}. Tampered proof: ${word(rejected.tamperedProof)}.`,
    '',
    renderTable(
      ['', ''],
      [
        ['constraints', `${formatNumber(result.constraints)} (predicted ${formatNumber(result.predictedConstraints)})`],
        ['max |Δ| to onnxruntime', formatNumber(result.maxDelta)],
        ['proving key', megabytes(result.keyBytes)],
        ['proof', `${result.proofBytes} bytes, ${result.publicSignals} public signals`],
        ['kernel', result.kernel],
        ['gas to verify', `${formatNumber(result.verifyGasUsed)} as a transaction of its own`],
        [
          'verifier contract',
          `${formatNumber(result.verifierBytes)} bytes, ${formatNumber(result.deployGasUsed)} gas to deploy`,
        ],
        ['peak memory', megabytes(result.peakMemoryBytes)],
        ...Object.entries(elapsedMs).map(([stage, ms]) => [stage, `${formatNumber(Math.round(ms))} ms`]),
        ['trust', `${result.trust}: made by one party on this machine`],
      ],
    ),
  ].join('\n');
}
