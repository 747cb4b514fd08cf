import type { InspectReport } from '../inspect/report.ts';
import { type Goal, type Target, targets } from '../quant/goal.ts';
import { formatNumber, percent, renderTable } from './table.ts';

/** The report as a person reads it. */
export function renderInspection(report: InspectReport): string {
  return [header(report), inputs(report), nodes(report), accuracy(report), cost(report)].join('\n\n');
}

function header({ model, operators, parameters, macs }: InspectReport): string {
  const ops = operators.map(({ op, count }) => (count === 1 ? op : `${op} ×${count}`)).join(', ');
  const opset = Object.entries(model.opsets)
    .map(([domain, version]) => `${domain} ${version}`)
    .join(', ');
  return [
    `${model.path}  (${[model.producer, opset].filter((part) => part !== '').join('; ')})`,
    `  operators   ${ops}`,
    `  parameters  ${formatNumber(parameters)}    multiply-accumulates ${formatNumber(macs)}`,
  ].join('\n');
}

function inputs(report: InspectReport): string {
  const rows = [
    ...report.inputs.map((input) => [
      input.visibility === 'private' ? 'input' : `input, ${input.visibility}`,
      input.name,
      `${input.dtype} [${input.shape}]`,
      `${formatNumber(input.lo)} … ${formatNumber(input.hi)} (${input.boundsFrom})`,
      precisionOf(input),
    ]),
    ...report.outputs.map((output, i) => [
      output.visibility === 'public' ? 'output' : `output, ${output.visibility}`,
      output.name,
      `${output.dtype} [${output.shape}]`,
      `proved within ± ${formatNumber(report.errorBounds[i])}`,
      `${output.bits} bits, step ${formatNumber(output.scale)}`,
    ]),
  ];
  return renderTable(['', 'name', 'type', 'range', 'precision'], rows);
}

function precisionOf({ columns, bits, scale }: InspectReport['inputs'][number]): string {
  if (columns === undefined) return `${bits} bits, step ${formatNumber(scale)}`;
  const total = columns.reduce((sum, column) => sum + column.bits, 0);
  return `${columns.length} columns of up to ${bits} bits, ${total} in all`;
}

function nodes({ byNode, precision }: InspectReport): string {
  const tuned = new Map(precision.layers.map((layer) => [`${layer.op} ${layer.node}`, layer]));
  const rows = byNode.map(({ node, op, constraints, bits, elements }) => {
    const layer = tuned.get(`${op} ${node}`);
    const weights = String(layer?.weightBits ?? precision.weightBits);
    const activations = String(layer?.activationBits ?? precision.activationBits);
    return [op, node, elements, bits, op === 'Input' ? '' : `${weights}/${activations}`, Math.round(constraints)];
  });
  return renderTable(['operator', 'node', 'elements', 'bits', 'w/a', 'constraints'], rows);
}

function accuracy(report: InspectReport): string {
  const {
    accuracy: { heldOut, search },
    goal,
    goalMet,
    refused,
    decidedBy,
    reference,
    data,
    treeFlips,
  } = report;
  const row = (name: string, a: typeof heldOut): (string | number)[] => [
    name,
    a.samples,
    goal.agreement === undefined ? '–' : percent(a.agreement),
    a.maxDelta,
    a.delta999,
    a.meanDelta,
    percent(a.relativeDelta),
  ];
  const unseen = data.heldOutSamples > 0;
  const where = unseen ? 'held-out samples' : 'the samples, all of which the search saw';
  return [
    renderTable(
      ['against the float model', 'samples', 'top-1', 'max |Δ|', '99.9 %', 'mean |Δ|', 'of range'],
      [row('searched', search), ...(unseen ? [row('held out', heldOut)] : [])],
    ),
    `${goalMet ? 'meets' : 'MISSES'} ${wantedOf(goal)} on ${where}; reference ${reference}; data: ${data.source}`,
    ...(decidedBy === null ? [] : [decision(decidedBy, refused)]),
    ...(treeFlips === undefined
      ? []
      : [`trees: ${treeFlips.flipped} of ${treeFlips.paths} paths end in another leaf on ${where}`]),
  ].join('\n');
}

function wantedOf({ agreement, closeness, maxError }: Goal): string {
  return [
    ...(agreement === undefined ? [] : [`top-1 agreement ≥ ${percent(agreement.target)}`]),
    ...(closeness === undefined ? [] : [`max |Δ| ≤ ${percent(closeness)} of the range`]),
    ...(maxError === undefined ? [] : [`max |Δ| ≤ ${formatNumber(maxError)}`]),
  ].join(' and ');
}

const targetNames: Readonly<Record<Target, string>> = {
  agreement: 'top-1 agreement',
  closeness: 'max |Δ| as a share of the range',
  maxError: 'max |Δ|',
};

function decision(decidedBy: Target, refused: InspectReport['refused']): string {
  const others = targets.filter((target) => target !== decidedBy && refused[target] > 0);
  const counts = [decidedBy, ...others].map((target) => `${targetNames[target]} ${refused[target]}`);
  return `decided by ${targetNames[decidedBy]}; cheaper settings refused: ${counts.join(', ')}`;
}

function cost({ constraints, domain, predicted, policy }: InspectReport): string {
  return [
    `predicted: ${formatNumber(constraints)} constraints (domain 2^${Math.log2(domain)}), ranges ${policy}`,
    `           about ${formatNumber(predicted.provingMs)} ms to prove with the ${predicted.kernel} kernel on 2 cores`,
    `           ${predicted.signals} public signals, about ${formatNumber(predicted.verifyGas)} gas to verify`,
  ].join('\n');
}
