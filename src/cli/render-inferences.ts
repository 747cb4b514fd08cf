import { formatNumber, renderTable } from './table.ts';

/** One sample: what is proved, what the float model says, and the largest distance between the two. */
export interface InferenceRow {
  readonly index: number;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly float?: Readonly<Record<string, readonly number[]>>;
  readonly maxDelta?: number | undefined;
  readonly error?: { readonly name: string; readonly message: string };
  readonly runtime?: string;
}

export interface InferenceSummary {
  readonly samples: number;
  readonly failed: number;
  readonly maxDelta: number | null;
  readonly float: string | null;
  readonly notCompared?: string;
  readonly executor: string;
  readonly workers: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
}

/** Samples that a person is shown. */
export const SHOWN_ROWS = 20;
const SHOWN_VALUES = 10;

/** The first samples side by side, and a summary of all. */
export function renderInferences(
  rows: readonly InferenceRow[],
  summary: InferenceSummary,
  out: string | undefined,
): string {
  const shown = rows.slice(0, SHOWN_ROWS);
  const header = ['sample', 'output', 'proved value', ...(summary.float === null ? [] : ['float', 'max |Δ|'])];
  const table = renderTable(
    header,
    shown.flatMap((row) => cells(row, summary.float !== null)),
  );
  const { samples, failed, maxDelta, float, notCompared, workers, executor, elapsedMs, perSecond } = summary;
  const many = workers === 1 ? executor : `${executor}s`;
  return [
    table,
    ...(samples > SHOWN_ROWS ? [`… ${formatNumber(samples - SHOWN_ROWS)} more`] : []),
    '',
    `${formatNumber(samples)} samples in ${formatNumber(elapsedMs / 1000)} s, ${formatNumber(perSecond)} per second on ${workers} ${many}`,
    ...(maxDelta === null ? [] : [`max |Δ| ${formatNumber(maxDelta)} against ${float}`]),
    ...(notCompared === undefined ? [] : [`not compared with the float model: ${notCompared}`]),
    ...(failed === 0 ? [] : [`${formatNumber(failed)} could not be computed`]),
    ...(out === undefined ? [] : [`wrote ${out}`]),
  ].join('\n');
}

function cells({ index, outputs, float, maxDelta, error }: InferenceRow, compared: boolean): string[][] {
  const pad = compared ? ['', ''] : [];
  if (error !== undefined) return [[String(index), '', error.message.split('\n')[0], ...pad]];
  return Object.entries(outputs).map(([name, values]) => {
    const reference = float?.[name];
    const delta = maxDelta === undefined ? '' : formatNumber(maxDelta);
    const columns = compared ? [reference === undefined ? '' : preview(reference), delta] : [];
    return [String(index), name, preview(values), ...columns];
  });
}

function preview(values: readonly number[]): string {
  const shown = values.slice(0, SHOWN_VALUES).map(formatNumber).join(' ');
  return values.length > SHOWN_VALUES ? `${shown} … ${values.length}` : shown;
}
