import { sizeOf } from '../tensor/shape.ts';
import { claimedSize, type DataArray } from './array.ts';
import { DataFileError } from './data-error.ts';
import { arrangeSamples, type DataInput, type DataSet } from './data-set.ts';

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
}

interface TableRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What tables call the truth beside the features. */
const labels = ['label', 'target', 'class', 'y'];

/**
 * Samples from CSV with a header line, one sample a row. Columns go to the input of their name; an input of several
 * elements takes `name_0`, `name_1`… A model with one input may instead take all columns in order, `label`, `target`, `class` and `y` left out.
 * Columns that feed no input become `extra` when they hold numbers.
 */
export function decodeCsv(file: string, text: string, inputs: readonly DataInput[]): DataSet {
  const table = readTable(file, text);
  const used = new Set<number>();
  const arrays = new Map<string, DataArray>();
  for (const [name, columns] of assignColumns(file, table.header, inputs)) {
    for (const column of columns) used.add(column);
    const input = inputs.find((candidate) => candidate.name === name);
    arrays.set(name, readColumns(file, table, columns, input?.shape ?? []));
  }
  for (const [column, name] of table.header.entries()) {
    if (used.has(column) || name === '' || !table.rows.every(({ cells }) => isNumber(cells[column]))) continue;
    arrays.set(name, readColumns(file, table, [column], []));
  }
  return arrangeSamples(file, arrays, inputs);
}

/** Column numbers by input. */
function assignColumns(file: string, header: readonly string[], inputs: readonly DataInput[]): Map<string, number[]> {
  const position = new Map(header.map((column, i) => [column, i]));
  const byName = inputs.map(({ name, shape }): [string, number[]] => {
    const size = sizeOf(shape);
    const names = size === 1 && position.has(name) ? [name] : Array.from({ length: size }, (_, i) => `${name}_${i}`);
    return [name, names.map((column) => position.get(column) ?? -1)];
  });
  if (byName.every(([, columns]) => !columns.includes(-1))) return new Map(byName);
  if (inputs.length === 1) {
    const [{ name, shape }] = inputs;
    const features = header.flatMap((column, i) => (column === '' || labels.includes(column.toLowerCase()) ? [] : [i]));
    if (features.length === sizeOf(shape)) return new Map([[name, features]]);
    throw new DataFileError(`"${file}" has ${features.length} feature columns`, [
      `expected ${sizeOf(shape)} for the input "${name}" [${shape.join(', ')}]`,
      `The columns: ${listed(header)}.`,
    ]);
  }
  const missing = byName.filter(([, columns]) => columns.includes(-1)).map(([name]) => name);
  throw new DataFileError(`"${file}" has no column for ${missing.map((name) => `"${name}"`).join(', ')}`, [
    `The columns: ${listed(header)}.`,
    'Name a column like the input it feeds; name_0, name_1… when the input has several elements.',
  ]);
}

const listed = (names: readonly string[]): string =>
  names.length <= 40 ? names.join(', ') : `${names.slice(0, 40).join(', ')}, …`;

function readColumns(
  file: string,
  { header, rows }: Table,
  columns: readonly number[],
  shape: readonly number[],
): DataArray {
  const data = new Float64Array(claimedSize(`"${file}"`, [rows.length, columns.length]));
  let filled = 0;
  for (const { line, cells } of rows) {
    for (const column of columns) {
      const cell = cells[column];
      if (!isNumber(cell)) {
        throw new DataFileError(`"${file}", line ${line}, column "${header[column]}": got "${cell.slice(0, 40)}"`, [
          'expected a number',
        ]);
      }
      data[filled++] = numberOf(cell);
    }
  }
  return { shape: [rows.length, ...shape], data };
}

const truth: Readonly<Record<string, number>> = { true: 1, True: 1, TRUE: 1, false: 0, False: 0, FALSE: 0 };
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const isNumber = (cell: string): boolean => decimal.test(cell) || Object.hasOwn(truth, cell);
const numberOf = (cell: string): number => truth[cell] ?? Number(cell);

function readTable(file: string, text: string): Table {
  const [first, ...rows] = splitRows(file, text.startsWith('\ufeff') ? text.slice(1) : text);
  if (first === undefined || rows.length === 0) {
    throw new DataFileError(`"${file}" holds no samples`, ['expected a header line and one line for each sample']);
  }
  const header = first.cells;
  if (header.every(isNumber) && !header.every((cell, i) => cell === String(i))) {
    throw new DataFileError(`"${file}" has no header line`, [
      `got ${listed(header)}`,
      'Name the columns on the first line.',
    ]);
  }
  const seen = new Set<string>();
  for (const name of header) {
    if (name !== '' && seen.has(name)) throw new DataFileError(`"${file}" has two columns "${name}"`);
    seen.add(name);
  }
  for (const { line, cells } of rows) {
    if (cells.length !== header.length) {
      throw new DataFileError(`"${file}", line ${line}: got ${cells.length} cells`, [`expected ${header.length}`]);
    }
  }
  return { header, rows };
}

/** RFC 4180: cells between commas, quoted when they hold commas, quotes (doubled) or line ends. Blank lines are skipped. */
function splitRows(file: string, text: string): TableRow[] {
  const rows: TableRow[] = [];
  const cell = /"([^"]*(?:""[^"]*)*)"(?=[,\r\n]|$)|([^,\r\n"]*)(?=[,\r\n]|$)/y;
  let cells: string[] = [];
  let line = 1;
  let begun = 1;
  while (cell.lastIndex <= text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null)
      throw new DataFileError(`"${file}", line ${line}: a quote is out of place`, [text.slice(at, at + 40)]);
    const [whole, quoted, plain] = match;
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    for (const character of whole) if (character === '\n') line++;
    let next = at + whole.length;
    if (text[next] !== ',') {
      if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells });
      cells = [];
      if (text[next] === '\r' && text[next + 1] === '\n') next++;
      begun = ++line;
    }
    cell.lastIndex = next + 1;
  }
  return rows;
}
