import type { DataSet } from '../data/data-set.ts';
import { readData } from '../data/read.ts';
import type { Sample } from '../quant/sample.ts';
import type { InspectOptions } from './inspect.ts';

/** Calibration samples from a data file, as the options `inspect` takes; nothing when no file is given. */
export function samplesFrom(path: string | undefined): Pick<InspectOptions, 'samples' | 'dataSource'> {
  if (path === undefined) return {};
  return { dataSource: path, samples: async (inputs) => toSamples(await readData(path, inputs)) };
}

/** A data set as one map of inputs per sample; the numbers are not copied. */
export function toSamples({ samples, columns }: DataSet): Sample[] {
  return Array.from({ length: samples }, (_, i) => {
    const sample = new Map<string, Float64Array>();
    for (const [name, column] of columns) {
      const size = column.length / samples;
      sample.set(name, column.subarray(i * size, (i + 1) * size));
    }
    return sample;
  });
}
