import { DataFileError } from './data-error.ts';
import { type Arrays, type InputShape, sizeOfShape } from './data-set.ts';

/**
 * A table with a header row, one sample per line. A model with one input takes its columns in order (a column that the
 * input has no room for must come last and be named label, target, class or y); with several inputs columns are found
 * by the input's name, or name_0, name_1, ….
 */
export function readCsv(path: string, text: string, inputs: readonly InputShape[]): Arrays {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [first, ...rest] = lines;
  if (first === undefined) throw new DataFileError(path, 'is empty');
  const header = first.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const rows = rest.map((line, r) => parseRow(path, line, header, r + 2));
  return new Map(inputs.map((input) => [input.name, pick(path, columnsOf(path, header, input, inputs.length), rows)]));
}

function parseRow(path: string, line: string, header: readonly string[], lineNumber: number): number[] {
  const cells = line.split(',');
  if (cells.length !== header.length) {
    throw new DataFileError(path, `line ${lineNumber} has ${cells.length} cells`, [`the header has ${header.length}`]);
  }
  return cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
}

function columnsOf(path: string, header: readonly string[], { name, shape }: InputShape, inputs: number): number[] {
  const size = sizeOfShape(shape);
  const own = header.flatMap((title, i) => (title === name || title.startsWith(`${name}_`) ? [i] : []));
  if (own.length === size) return own;
  const isLabel = (title: string): boolean => ['label', 'target', 'class', 'y'].includes(title.toLowerCase());
  const features = header.flatMap((title, i) => (isLabel(title) ? [] : [i]));
  if (inputs === 1 && features.length === size) return features;
  throw new DataFileError(path, `has ${features.length} feature columns`, [`input "${name}" needs ${size}`]);
}

function pick(path: string, columns: readonly number[], rows: readonly (readonly number[])[]): Float64Array {
  const data = new Float64Array(columns.length * rows.length);
  for (const [r, row] of rows.entries()) {
    for (const [c, column] of columns.entries()) {
      const value = row[column];
      if (!Number.isFinite(value)) {
        throw new DataFileError(path, `line ${r + 2}, column ${column + 1} is not a number`, [
          'Fill in missing values first.',
        ]);
      }
      data[r * columns.length + c] = value;
    }
  }
  return data;
}
