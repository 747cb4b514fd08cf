import type { Command } from 'commander';
import { printGraph } from '../../graph/print.ts';
import { inspect } from '../../inspect/inspect.ts';
import { samplesFrom } from '../../inspect/samples.ts';
import { parseBounds, parseDims } from '../arguments.ts';
import { printJson, reportFailure } from '../output.ts';
import { createProgress } from '../progress.ts';
import { renderInspection } from '../render-inspection.ts';

interface InspectArguments {
  readonly dim: readonly string[];
  readonly bound: readonly string[];
  readonly calibrate?: string;
  readonly range: string;
  readonly margin: string;
  readonly agreement: string;
  readonly closeness: string;
  readonly inputBits: string;
  readonly printAfter?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const repeated = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('what is in a model, can it be proved, at what precision and cost')
    .argument('<model>', 'an ONNX file')
    .option('--dim <name=value>', 'value of a symbolic dimension (repeatable)', repeated, [])
    .option('--bound <input=lo:hi>', 'bounds of an input (repeatable)', repeated, [])
    .option('--calibrate <file>', 'real samples: .json, .jsonl, .npy, .npz or .csv')
    .option('--range <policy>', 'worst-case or calibrated', 'worst-case')
    .option('--margin <factor>', 'margin of calibrated ranges', '1.5')
    .option('--agreement <share>', 'top-1 agreement a classifier must keep', '0.995')
    .option('--closeness <share>', 'max |Δ| of other models, as a share of the output range', '0.01')
    .option('--input-bits <n>', 'bits of a real input without a grid of its own', '10')
    .option('--print-after <pass>', 'print the graph after a simplifying pass (or "all") to standard error')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExample:\n  vouch inspect models/mnist-mlp/model.onnx --calibrate models/mnist-mlp/calibration.npz',
    )
    .action(run);
}

async function run(model: string, options: InspectArguments): Promise<void> {
  const progress = createProgress(options);
  try {
    const { report } = await inspect(model, {
      dims: parseDims(options.dim),
      bounds: parseBounds(options.bound),
      policy:
        options.range === 'calibrated'
          ? { name: 'calibrated', margin: Number(options.margin) }
          : { name: 'worst-case' },
      agreement: Number(options.agreement),
      closeness: Number(options.closeness),
      inputBits: Number(options.inputBits),
      ...samplesFrom(options.calibrate),
      afterPass: (pass, graph) => {
        if (options.printAfter !== pass && options.printAfter !== 'all') return;
        process.stderr.write(`after ${pass}:\n${printGraph(graph)}\n`);
      },
      onProgress: (stage, step) =>
        progress.stage(stage, step === undefined ? '' : `${step.constraints.toLocaleString('en-US')} constraints`),
    });
    progress.done();
    if (options.json === true) printJson(report);
    else process.stdout.write(`${renderInspection(report)}\n`);
  } catch (error) {
    progress.done();
    reportFailure(error, options);
  }
}
