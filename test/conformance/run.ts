// npm run conformance -- <dir> [--stage float|quantised|witness] [--only regex] [--json file]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { VouchError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { type ConformanceCase, findCases, loadCase } from './case.ts';
import { type Stage, stages } from './stages.ts';

type Outcome = 'pass' | 'refused' | 'wrong' | 'crashed';
type Tally = Record<Outcome, number>;

interface Result {
  readonly case: string;
  readonly stage: Stage;
  readonly outcome: Outcome;
  readonly detail: string;
  /** Inputs that were fixed at compile time because the circuit's structure depends on them. */
  readonly fixed: readonly string[];
}

function runCase(item: ConformanceCase, stage: Stage): Result {
  let fixed: readonly string[] = [];
  const result = (outcome: Outcome, detail: string): Result => ({ case: item.name, stage, outcome, detail, fixed });
  try {
    const loaded = loadCase(item);
    fixed = loaded.fixed;
    const difference = stages[stage](loaded);
    return difference === undefined ? result('pass', '') : result('wrong', difference);
  } catch (error) {
    if (error instanceof VouchError) return result('refused', error.message.replaceAll('\n', ' | '));
    return result('crashed', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** The operators of a model, for the table; a file that does not decode counts as such. */
function operatorsOf({ folder }: ConformanceCase): string[] {
  try {
    const { graph } = decodeModel(readFileSync(join(folder, 'model.onnx')));
    return [...new Set(graph.nodes.map(({ op, domain }) => (domain === '' ? op : `${domain}.${op}`)))];
  } catch {
    return ['(undecodable)'];
  }
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      verbose: { type: 'boolean', short: 'v' },
    },
  });
  const [root] = positionals;
  if (root === undefined)
    throw new VouchError(
      'usage: npm run conformance -- <dir> [--stage float|quantised|witness] [--only regex] [--json file]',
    );
  const only = new RegExp(values.only ?? '');
  const cases = findCases(root).filter(({ name }) => only.test(name));
  const chosen = (Object.keys(stages) as Stage[]).filter(
    (stage) => values.stage === undefined || values.stage === stage,
  );
  const results: Result[] = [];
  const totals: Partial<Record<Stage, Tally>> = {};
  const byOperator: Record<string, Partial<Record<Stage, Tally>>> = {};
  const empty = (): Tally => ({ pass: 0, refused: 0, wrong: 0, crashed: 0 });
  for (const stage of chosen) {
    const total = empty();
    totals[stage] = total;
    for (const item of cases) {
      const result = runCase(item, stage);
      results.push(result);
      total[result.outcome]++;
      for (const op of operatorsOf(item)) {
        const row = byOperator[op] ?? {};
        const tally = row[stage] ?? empty();
        tally[result.outcome]++;
        byOperator[op] = { ...row, [stage]: tally };
      }
      const show = values.verbose === true || result.outcome === 'wrong' || result.outcome === 'crashed';
      if (show) process.stderr.write(`${stage} ${result.outcome} ${result.case}: ${result.detail}\n`);
    }
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ cases: cases.length, ...totals, byOperator, results }, null, 1)}\n`);
  }
  printTable(byOperator, chosen);
  for (const stage of chosen) {
    const fixed = results.filter((r) => r.stage === stage && r.outcome === 'pass' && r.fixed.length > 0).length;
    process.stdout.write(`${stage}: ${JSON.stringify(totals[stage])} of ${cases.length}`);
    process.stdout.write(`; ${fixed} of the passes with shapes, axes or indices fixed at compile time\n`);
  }
  if (results.some(({ outcome }) => outcome === 'wrong' || outcome === 'crashed')) process.exitCode = 1;
}

function printTable(byOperator: Record<string, Partial<Record<Stage, Tally>>>, chosen: readonly Stage[]): void {
  const cell = (tally: Tally | undefined): string =>
    tally === undefined ? '' : `${tally.pass} pass ${tally.refused} refused ${tally.wrong + tally.crashed} wrong`;
  for (const op of Object.keys(byOperator).sort()) {
    process.stdout.write(`${op.padEnd(34)}${chosen.map((stage) => cell(byOperator[op][stage]).padEnd(34)).join('')}\n`);
  }
}

main();
