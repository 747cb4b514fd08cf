import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type DemoResult, runDemo } from '../../demo/demo.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import { runCommand } from '../run.ts';
import { formatNumber, renderTable } from '../table.ts';

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('a model from ONNX file to a contract that acts on its proven output, and the attacks it withstands')
    .argument('[models]', 'the folder of the example models', bundledModels());
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch demo --json')
    .action((models: string, options: OutputOptions) =>
      runCommand(options, async (progress) => {
        const result = await runDemo({ models, onStage: (stage) => progress.stage(stage) });
        return { value: result, text: render(result) };
      }),
    );
}

/** Beside the sources, and in the package. */
function bundledModels(): string {
  return fileURLToPath(new URL('../../../models', import.meta.url));
}

function render(result: DemoResult): string {
  const { elapsedMs } = result;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const percent = (share: number): string => `${share.toFixed(4)} %`;
  return [
    'A contract recorded ten days of prices and asked an LSTM for tomorrow’s volatility. A node computed it, proved it,',
    `and the contract took ${percent(result.provedVolatility)} (onnxruntime: ${percent(result.floatVolatility)}): its swap fee went from ${fee(result.feeBefore)} to ${fee(result.feeAfter)}.`,
    '',
    renderTable(
      ['at an open request', 'the hub'],
      result.attacks.map(({ attempt, refusal }) => [
        attempt,
        refusal === undefined ? 'accepts' : `refuses: ${refusal}`,
      ]),
    ),
    '',
    renderTable(
      ['', 'this run'],
      [
        ['constraints', formatNumber(result.constraints)],
        [
          'held-out windows',
          `${formatNumber(result.windows)} in the pool, ${formatNumber(Math.round(result.windowsPerSecond))} a second, float beside proved`,
        ],
        ['max |Δ| to onnxruntime', percent(result.maxDelta)],
        ['proving key', megabytes(result.keyBytes)],
        ['proof', `${result.proofBytes} bytes, ${result.publicSignals} public signals`],
        ['kernel', result.kernel],
        ['gas', `${formatNumber(result.fulfilGas)} to fulfil, ${formatNumber(result.registrationGas)} to register`],
        ['verifier contract', `${formatNumber(result.verifierBytes)} bytes with key and layout`],
        ['peak memory', `${megabytes(result.peakMemoryBytes)} in the main process`],
        ...Object.entries(elapsedMs).map(([stage, ms]) => [stage, `${formatNumber(Math.round(ms))} ms`]),
        ['trust', `${result.trust}: keys made by one party on this machine`],
      ],
    ),
  ].join('\n');
}

/** Millionths as percent. */
function fee(millionths: number): string {
  return `${(millionths / 1e4).toFixed(4)} %`;
}
