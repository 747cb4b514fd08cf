// npm run models [-- name … --max-error 0.01 --json file]: every example model at the automatic setting, or with a bound on
// max |Δ| (several may be given), measured on held-out data.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatNumber, percent, renderTable } from '../src/cli/table.ts';
import { readData } from '../src/data/read.ts';
import { inputsOf } from '../src/graph/graph.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { toSamples } from '../src/inspect/samples.ts';
import { interpret, quantiseInputs } from '../src/quant/interpret.ts';
import { type Accuracy, measure, provedOutputs, type Reference, winner } from '../src/quant/measure.ts';
import { openFloatRuntime } from '../src/runtime/onnxruntime.ts';
import { isReal } from '../src/tensor/dtype.ts';
import { compileOptions, modelNames } from './model-folder.ts';

/** What the README promises; the script fails when it no longer holds. */
const promises: Readonly<Record<string, { readonly constraints: number; readonly agreement: number }>> = {
  'mnist-mlp': { constraints: 9_800, agreement: 0.995 },
  'mnist-lenet5': { constraints: 116_000, agreement: 0.995 },
};

interface Row {
  readonly model: string;
  /** Asked of max |Δ| on calibration data. */
  readonly maxError: number | undefined;
  readonly constraints: number;
  readonly domainBits: number;
  readonly heldOut: Accuracy;
  /** Share of right answers on held-out rows; NaN without labels. */
  readonly floatAccuracy: number;
  readonly provedAccuracy: number;
  readonly inspectMs: number;
  readonly inferMs: number;
}

const folder = 'models';

async function measureModel(model: string, maxError: number | undefined): Promise<Row> {
  const path = join(folder, model, 'model.onnx');
  const started = performance.now();
  const { report, graph, result } = await inspect(path, { ...compileOptions(join(folder, model)), maxError });
  const inspectMs = performance.now() - started;
  const inputs = inputsOf(graph).map(({ node }) => node);
  const set = await readData(join(folder, model, 'heldout.npz'), inputs);
  const inside = toSamples(set);
  const runtime = await openFloatRuntime(path, inputs);
  const references: Reference[] = [];
  for (const sample of inside) {
    const outputs = await runtime.run(sample);
    references.push(graph.outputs.map(({ name }) => outputs.get(name) ?? new Float64Array()));
  }
  await runtime.close();
  const quantised = result.model.graph;
  const exact = graph.outputs.map(({ node }) => !isReal(graph.nodes[node].dtype));
  const heldOut = measure(quantised, inside, references, report.goal, exact);
  const output = report.goal.agreement?.output ?? -1;
  const labels = set.extra.get('label')?.data;
  const right = (classOf: (i: number) => number): number =>
    labels === undefined || output < 0
      ? Number.NaN
      : inside.filter((_, i) => classOf(i) === labels[i]).length / inside.length;
  const sample = quantiseInputs(quantised, inside[0]);
  const times = Array.from({ length: 15 }, () => {
    const begin = performance.now();
    interpret(quantised, sample);
    return performance.now() - begin;
  }).sort((a, b) => a - b);
  return {
    model,
    maxError,
    constraints: report.constraints,
    domainBits: Math.log2(report.domain),
    heldOut,
    floatAccuracy: right((i) => winner(references[i][output])),
    provedAccuracy: right((i) => winner(provedOutputs(quantised, inside[i])[output])),
    inspectMs,
    inferMs: times[Math.floor(times.length / 2)],
  };
}

async function main(): Promise<void> {
  const options = { json: { type: 'string' }, 'max-error': { type: 'string', multiple: true } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const rows: Row[] = [];
  for (const model of positionals.length > 0 ? positionals : modelNames(folder)) {
    for (const maxError of values['max-error']?.map(Number) ?? [undefined]) {
      process.stderr.write(`${model}\n`);
      rows.push(await measureModel(model, maxError));
    }
  }
  const share = (value: number): string => (Number.isNaN(value) ? '–' : percent(value));
  const table = renderTable(
    [
      'model',
      'asked |Δ|',
      'constraints',
      'domain',
      'held out',
      'top-1 agreement',
      'float right',
      'proved right',
      'max |Δ|',
      'mean |Δ|',
      'inspect',
      'integer inference',
    ],
    rows.map((row) => [
      row.model,
      row.maxError === undefined ? '–' : formatNumber(row.maxError),
      formatNumber(row.constraints),
      `2^${row.domainBits}`,
      formatNumber(row.heldOut.samples),
      percent(row.heldOut.agreement),
      share(row.floatAccuracy),
      share(row.provedAccuracy),
      formatNumber(row.heldOut.maxDelta),
      formatNumber(row.heldOut.meanDelta),
      `${(row.inspectMs / 1000).toFixed(1)} s`,
      `${row.inferMs.toFixed(1)} ms`,
    ]),
  );
  process.stdout.write(`${table}\n`);
  for (const row of rows) {
    const promise = promises[row.model];
    if (promise === undefined || row.maxError !== undefined) continue;
    if (row.constraints <= promise.constraints && row.heldOut.agreement >= promise.agreement) continue;
    process.stderr.write(`${row.model} breaks its promise: ${JSON.stringify(promise)}\n`);
    process.exitCode = 1;
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
}

await main();
