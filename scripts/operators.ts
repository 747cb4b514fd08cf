// npm run docs:operators -- <conformance.json>: writes docs/operators.md from the handlers and a conformance run.
import { readFileSync, writeFileSync } from 'node:fs';
import { supportedOps } from '../src/onnx/ops/all.ts';

interface Tally {
  readonly pass: number;
  readonly refused: number;
  readonly wrong: number;
  readonly crashed: number;
}

type Tallies = Readonly<Partial<Record<(typeof stages)[number], Tally>>>;
const stages = ['float', 'quantised', 'witness'] as const;

const paths = process.argv.slice(2);
if (paths.length === 0) throw new Error('usage: npm run docs:operators -- <conformance.json> …');
const byOperator = new Map<string, Tallies>();
for (const path of paths) {
  const run = JSON.parse(readFileSync(path, 'utf8')) as { readonly byOperator: Readonly<Record<string, Tallies>> };
  for (const [op, tallies] of Object.entries(run.byOperator)) byOperator.set(op, { ...byOperator.get(op), ...tallies });
}

const passed = (tally: Tally | undefined): string =>
  tally === undefined ? '' : `${tally.pass} of ${tally.pass + tally.refused + tally.wrong + tally.crashed}`;
const rows = supportedOps().map((key) => {
  const name = key.replace(/^:/, '').replace(':', '.');
  const cases = byOperator.get(name);
  return `| ${name} | ${stages.map((stage) => passed(cases?.[stage])).join(' | ')} |`;
});

writeFileSync(
  'docs/operators.md',
  `# Operators

Made by \`npm run docs:operators\` from the handlers in \`src/onnx/ops\` and a run of the official ONNX conformance cases.
${rows.length} operators. "Float", "quantised" and "proved" count the cases that use the operator and come out right in the
float interpreter, in exact integers, and as a satisfied circuit; every other case is refused by name. An operator without cases is tested against onnxruntime in \`test/\`.

| operator | float | quantised | proved |
|---|---|---|---|
${rows.join('\n')}
`,
);
