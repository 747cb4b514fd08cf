import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type DemoResult, runDemo } from '../../demo.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';
import { formatNumber, renderTable } from '../table.ts';

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('one real model through the whole pipeline, down to a contract on an embedded chain')
    .argument('[folder]', 'a folder with model.onnx, calibration.npz and heldout.npz', bundledModel());
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch demo models/mnist-mlp')
    .action((folder: string, options: OutputOptions) =>
      runCommand(options, async (progress) => {
        const result = await runDemo({ folder, onStage: (stage) => progress.stage(stage) });
        return { value: result, text: render(result) };
      }),
    );
}

/** The digit model beside the sources. */
function bundledModel(): string {
  return fileURLToPath(new URL('../../../models/mnist-mlp', import.meta.url));
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
