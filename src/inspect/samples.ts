import { readData } from '../data/read.ts';
import type { Sample } from '../quant/calibrate.ts';
import type { InspectOptions } from './inspect.ts';

/** Calibration samples from a data file, as the options `inspect` takes; nothing when no file is given. */
export function samplesFrom(path: string | undefined): Pick<InspectOptions, 'samples' | 'dataSource'> {
  if (path === undefined) return {};
  return {
    dataSource: path,
    samples: async (inputs) => {
      const set = await readData(path, inputs);
      return Array.from({ length: set.samples }, (_, i): Sample => {
        const sample = new Map<string, Float64Array>();
        for (const { name } of inputs) {
          const column = set.columns.get(name);
          if (column === undefined) continue;
          const size = column.length / set.samples;
          sample.set(name, column.subarray(i * size, (i + 1) * size));
        }
        return sample;
      });
    },
  };
}
