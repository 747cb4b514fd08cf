import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InspectOptions } from '../src/inspect/inspect.ts';
import { samplesFrom } from '../src/inspect/samples.ts';
import type { Observed } from '../src/quant/precision.ts';

/** Every folder with a `model.onnx`. */
export function modelNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model.onnx')));
}

/** A model's calibration data and the bounds its maker declares where the data does not show the whole range. */
export function compileOptions(path: string): InspectOptions {
  const [data, bounds] = ['calibration.npz', 'bounds.json'].map((name) => join(path, name));
  return {
    ...(existsSync(data) ? samplesFrom(data) : {}),
    bounds: existsSync(bounds) ? new Map(Object.entries(readBounds(bounds))) : new Map(),
  };
}

function readBounds(path: string): Record<string, Observed> {
  return JSON.parse(readFileSync(path, 'utf8'));
}
