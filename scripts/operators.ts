// npm run docs:operators -- <conformance.json>: writes docs/operators.md from the handlers and a conformance run.
import { readFileSync, writeFileSync } from 'node:fs';
import { supportedOps } from '../src/onnx/ops/all.ts';

interface Tally {
  readonly pass: number;
  readonly refused: number;
  readonly wrong: number;
  readonly crashed: number;
}

const [, , path] = process.argv;
if (path === undefined) throw new Error('usage: npm run docs:operators -- <conformance.json>');
const { byOperator } = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly byOperator: Readonly<Record<string, { readonly float?: Tally; readonly quantised?: Tally }>>;
};

const passed = (tally: Tally | undefined): string =>
  tally === undefined ? '' : `${tally.pass} of ${tally.pass + tally.refused + tally.wrong + tally.crashed}`;
const rows = supportedOps().map((key) => {
  const name = key.replace(/^:/, '').replace(':', '.');
  const cases = byOperator[name];
  return `| ${name} | ${passed(cases?.float)} | ${passed(cases?.quantised)} |`;
});

writeFileSync(
  'docs/operators.md',
  `# Operators

Made by \`npm run docs:operators\` from the handlers in \`src/onnx/ops\` and a run of the official ONNX conformance cases.
${rows.length} operators. "Float" and "quantised" count the cases that use the operator and come out right; every other
case is refused by name. An operator without cases is tested against onnxruntime in \`test/\`.

| operator | float | quantised |
|---|---|---|
${rows.join('\n')}
`,
);
