import type { Command } from 'commander';
import { printGraph } from '../graph/print.ts';
import type { InspectOptions } from '../inspect/inspect.ts';
import { samplesFrom } from '../inspect/samples.ts';
import { inputVisibilities, outputVisibilities } from '../tensor/visibility.ts';
import { ArgumentError, parseBounds, parseDims, parseVisibilities } from './arguments.ts';
import type { Progress } from './progress.ts';

/** What `inspect` and `compile` have in common: how a model becomes integers. */
export interface InspectArguments {
  readonly dim: readonly string[];
  readonly bound: readonly string[];
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly calibrate?: string;
  readonly range: string;
  readonly margin: string;
  readonly agreement: string;
  readonly closeness?: string;
  readonly maxError?: string;
  readonly inputBits?: string;
  readonly printAfter?: string;
}

const repeated = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

export function addInspectOptions(command: Command): Command {
  return command
    .option('--dim <name=value>', 'value of a symbolic dimension (repeatable)', repeated, [])
    .option('--bound <input=lo:hi>', 'bounds of an input (repeatable)', repeated, [])
    .option('--input <name=visibility>', 'private, public or hashed; private if not said (repeatable)', repeated, [])
    .option('--output <name=visibility>', 'public, hashed or argmax; public if not said (repeatable)', repeated, [])
    .option('--calibrate <file>', 'real samples: .json, .jsonl, .npy, .npz or .csv')
    .option('--range <policy>', 'worst-case or calibrated', 'worst-case')
    .option('--margin <factor>', 'margin of calibrated ranges', '1.5')
    .option('--agreement <share>', 'top-1 agreement a classifier must keep', '0.995')
    .option('--closeness <share>', 'max |Δ| as a share of an output range (default: 0.01 of models without classes)')
    .option('--max-error <delta>', 'max |Δ| of every real output on the samples, beside agreement')
    .option('--input-bits <n>', 'bits of a real input without a grid (default: 10, or what --max-error needs)')
    .option('--print-after <pass>', 'print the graph after a simplifying pass (or "all") to standard error');
}

/** The options of the command line as the library takes them. */
export function toInspectOptions(options: InspectArguments, progress: Progress): InspectOptions {
  if (options.range !== 'calibrated' && options.range !== 'worst-case') {
    throw new ArgumentError('--range', options.range, 'worst-case or calibrated');
  }
  const margin = number('--margin', options.margin, (v) => v >= 1, 'a factor of at least 1');
  return {
    dims: parseDims(options.dim),
    bounds: parseBounds(options.bound),
    visibility: {
      inputs: parseVisibilities('--input', options.input, inputVisibilities),
      outputs: parseVisibilities('--output', options.output, outputVisibilities),
    },
    policy: options.range === 'calibrated' ? { name: 'calibrated', margin } : { name: 'worst-case' },
    agreement: number('--agreement', options.agreement, (v) => v > 0 && v <= 1, 'a share in (0, 1]'),
    closeness: optional('--closeness', options.closeness, isPositive, 'a positive share'),
    maxError: optional('--max-error', options.maxError, isPositive, 'a positive number, in the unit of the outputs'),
    inputBits: optional('--input-bits', options.inputBits, (v) => Number.isInteger(v) && v >= 1 && v <= 24, '1 to 24'),
    ...samplesFrom(options.calibrate),
    afterPass: (pass, graph) => {
      if (options.printAfter !== pass && options.printAfter !== 'all') return;
      process.stderr.write(`after ${pass}:\n${printGraph(graph)}\n`);
    },
    onProgress: (stage, step) =>
      progress.stage(stage, step === undefined ? '' : `${step.constraints.toLocaleString('en-US')} constraints`),
  };
}

const isPositive = (value: number): boolean => value > 0 && value < Number.POSITIVE_INFINITY;

function optional(
  option: string,
  text: string | undefined,
  accepts: (value: number) => boolean,
  expected: string,
): number | undefined {
  return text === undefined ? undefined : number(option, text, accepts, expected);
}

function number(option: string, text: string, accepts: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !accepts(value)) throw new ArgumentError(option, text, expected);
  return value;
}
