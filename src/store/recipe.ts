import type { InputGrid, NodePrecision, Observed, Precision, RangePolicy } from '../quant/precision.ts';
import type { ColumnGrid } from '../quant/qgraph.ts';
import { inputVisibilities, outputVisibilities, type Visibility } from '../tensor/visibility.ts';
import {
  asArray,
  asHex32,
  asNumber,
  asObject,
  asOneOf,
  asString,
  asTuple,
  fieldOf,
  type Hex32,
  type JsonObject,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from '../verify/json.ts';

/**
 * What an ONNX file becomes the same integers with, wherever that is repeated: everything that the search chose and
 * that calibration saw. Neither the data nor a float runtime is needed.
 */
export interface Recipe {
  /** Values of symbolic dimensions. */
  readonly dims: Readonly<Record<string, number>>;
  readonly policy: RangePolicy;
  readonly precision: Precision;
  readonly grids: ReadonlyMap<string, InputGrid>;
  readonly visibility: Visibility;
  /** By float node after simplification. */
  readonly observed: readonly Observed[];
  /** What was calibrated with; null where samples were synthesised. */
  readonly calibration: Calibration | null;
}

export interface Calibration {
  readonly samples: number;
  /** `sampleDigest` of all of them. */
  readonly sha256: Hex32;
}

const FORMAT = 'vouch-recipe-1';
const KEYS = ['format', 'dims', 'policy', 'precision', 'grids', 'visibility', 'observed', 'calibration'];
const PRECISION_KEYS = ['activationBits', 'weightBits', 'inputBits', 'nodes'];
const MAX_TEXT = 1 << 27;
const MAX_NODES = 1 << 22;
const MAX_INPUTS = 1 << 10;
const MAX_COLUMNS = 1 << 20;
const MAX_NAME = 1 << 10;

export function encodeRecipe({ precision, grids, visibility, observed, ...rest }: Recipe): string {
  const json = {
    format: FORMAT,
    ...rest,
    precision: { ...precision, nodes: [...precision.nodes].map(([id, node]) => ({ id, ...node })) },
    grids: [...grids].map(([name, grid]) => ({ name, ...grid })),
    visibility: { inputs: [...(visibility.inputs ?? [])], outputs: [...(visibility.outputs ?? [])] },
    observed: observed.map(({ lo, hi }) => [lo, hi]),
  };
  return `${JSON.stringify(json)}\n`;
}

export function decodeRecipe(text: string): Recipe {
  const root = asObject(parseJson(text, 'recipe', MAX_TEXT), 'recipe', KEYS);
  const field = (key: string) => fieldOf(root, key, 'recipe');
  const list = (key: string, max: number) => asArray(field(key), key, { max });
  asOneOf(field('format'), 'format', [FORMAT]);
  const dims = asObject(field('dims'), 'dims');
  return {
    dims: Object.fromEntries(Object.keys(dims).map((name) => [name, naturalAt(dims, name, 'dims')])),
    policy: decodePolicy(field('policy')),
    precision: decodePrecision(field('precision')),
    grids: new Map(list('grids', MAX_INPUTS).map((item, i) => decodeGrid(item, `grids[${i}]`))),
    visibility: decodeVisibility(field('visibility')),
    observed: list('observed', MAX_NODES).map((item, i) => {
      const [lo, hi] = asTuple(item, `observed[${i}]`, 2).map((end) => asNumber(end, `observed[${i}]`));
      return { lo, hi };
    }),
    calibration: decodeCalibration(field('calibration')),
  };
}

function decodeVisibility(json: JsonValue): Visibility {
  const visibility = asObject(json, 'visibility', ['inputs', 'outputs']);
  const pairs = <const T extends string>(key: string, choices: readonly T[]): ReadonlyMap<string, T> => {
    const path = `visibility.${key}`;
    const items = asArray(fieldOf(visibility, key, 'visibility'), path, { max: MAX_INPUTS });
    return new Map(
      items.map((item): [string, T] => {
        const [name, choice] = asTuple(item, path, 2);
        return [asString(name, path, { max: MAX_NAME }), asOneOf(choice, path, choices)];
      }),
    );
  };
  return { inputs: pairs('inputs', inputVisibilities), outputs: pairs('outputs', outputVisibilities) };
}

function decodePolicy(json: JsonValue): RangePolicy {
  const name = asOneOf(fieldOf(asObject(json, 'policy'), 'name', 'policy'), 'policy.name', [
    'worst-case',
    'calibrated',
  ]);
  if (name === 'worst-case') return { name };
  return { name, margin: numberAt(asObject(json, 'policy', ['name', 'margin']), 'margin', 'policy') };
}

function decodePrecision(json: JsonValue): Precision {
  const precision = asObject(json, 'precision', PRECISION_KEYS);
  const items = asArray(fieldOf(precision, 'nodes', 'precision'), 'precision.nodes', { max: MAX_NODES });
  return {
    activationBits: naturalAt(precision, 'activationBits', 'precision'),
    weightBits: naturalAt(precision, 'weightBits', 'precision'),
    inputBits: naturalAt(precision, 'inputBits', 'precision'),
    nodes: new Map(
      items.map((item, i): [number, NodePrecision] => {
        const path = `precision.nodes[${i}]`;
        const node = asObject(item, path, ['id', 'activationBits', 'weightBits']);
        const bits = (key: string) => (Object.hasOwn(node, key) ? { [key]: naturalAt(node, key, path) } : {});
        return [naturalAt(node, 'id', path), { ...bits('activationBits'), ...bits('weightBits') }];
      }),
    ),
  };
}

function decodeGrid(json: JsonValue, path: string): [string, InputGrid] {
  const grid = asObject(json, path, ['name', 'scale', 'zero', 'lo', 'bits', 'columns']);
  const name = asString(fieldOf(grid, 'name', path), `${path}.name`, { max: MAX_NAME });
  const { scale, lo, bits } = columnAt(grid, path);
  // The order of the fields shows in the bytes of a quantised graph.
  const common = { scale, zero: numberAt(grid, 'zero', path), lo, bits };
  if (!Object.hasOwn(grid, 'columns')) return [name, common];
  const columns = asArray(fieldOf(grid, 'columns', path), `${path}.columns`, { max: MAX_COLUMNS });
  return [name, { ...common, columns: columns.map((c) => columnAt(asObject(c, path, ['scale', 'lo', 'bits']), path)) }];
}

function columnAt(grid: JsonObject, path: string): ColumnGrid {
  return { scale: numberAt(grid, 'scale', path), lo: numberAt(grid, 'lo', path), bits: naturalAt(grid, 'bits', path) };
}

function decodeCalibration(json: JsonValue): Calibration | null {
  if (json === null) return null;
  const calibration = asObject(json, 'calibration', ['samples', 'sha256']);
  const digest = asHex32(fieldOf(calibration, 'sha256', 'calibration'), 'calibration.sha256');
  return { samples: naturalAt(calibration, 'samples', 'calibration'), sha256: digest };
}

function numberAt(object: JsonObject, key: string, path: string): number {
  return asNumber(fieldOf(object, key, path), `${path}.${key}`);
}

function naturalAt(object: JsonObject, key: string, path: string): number {
  const value = numberAt(object, key, path);
  if (!Number.isSafeInteger(value) || value < 0) throw new MalformedJsonError(`${path}.${key}`, `${value} is no count`);
  return value;
}
