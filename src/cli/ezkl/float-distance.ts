import type { Steps } from '../../backend/contract.ts';
import { openEzklFolder } from '../../backend/ezkl/model-folder.ts';
import type { EzklBackend } from '../../backend/ezkl.ts';
import type { Sample } from '../../quant/sample.ts';
import { openFloatRuntime, RuntimeMissingError } from '../../runtime/onnxruntime.ts';
import { formatNumber } from '../table.ts';

/** How far EZKL's outputs are from the float model's. */
export interface FloatDistance {
  readonly samples: number;
  readonly maxDelta: number | null;
  /** Who computed the float model, or why nobody did. */
  readonly reference: string;
  readonly outputs: readonly ReadonlyMap<string, Float64Array>[];
  readonly floats: readonly (ReadonlyMap<string, Float64Array> | undefined)[];
  readonly lines: readonly string[];
}

export interface Comparison {
  readonly directory: string;
  /** The compiled file, if it is at hand. */
  readonly onnx: string | undefined;
  readonly samples: readonly Sample[];
}

/** Runs samples through EZKL's circuit and the float model beside it. */
export async function floatDistance(
  backend: EzklBackend,
  { directory, onnx, samples }: Comparison,
  steps: Steps,
): Promise<FloatDistance> {
  const { manifest } = await openEzklFolder(directory);
  const outputs = await backend.infer({ directory, samples, ...steps });
  const missing = (reference: string) => ({ ...notCompared(reference), samples: samples.length, outputs });
  if (samples.length === 0) return missing('no samples were given');
  if (onnx === undefined) return missing('give the ONNX file with --onnx');
  const runtime = await openFloatRuntime(onnx, manifest.inputs).catch((error: unknown) => {
    if (error instanceof RuntimeMissingError) return undefined;
    throw error;
  });
  if (runtime === undefined) return missing('onnxruntime-node is not installed');
  try {
    const floats: Map<string, Float64Array>[] = [];
    for (const sample of samples) floats.push(await runtime.run(sample));
    const maxDelta = Math.max(...outputs.map((values, i) => distance(values, floats[i])));
    const reference = runtime.description;
    const line = `max |Δ| ${formatNumber(maxDelta)} against ${reference} on ${samples.length} samples`;
    return { samples: samples.length, maxDelta, reference, outputs, floats, lines: [line] };
  } finally {
    await runtime.close();
  }
}

/** The answer where there is nothing to compare, or what would compare it fails. */
export function notCompared(reference: string): FloatDistance {
  const lines = [`not compared with the float model: ${reference}`];
  return { samples: 0, maxDelta: null, outputs: [], floats: [], reference, lines };
}

/** Infinite where one of the two has numbers that the other lacks. */
function distance(values: ReadonlyMap<string, Float64Array>, floats: ReadonlyMap<string, Float64Array>): number {
  let most = 0;
  for (const [name, list] of values) {
    const reference = floats.get(name);
    if (reference?.length !== list.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i] - reference[i]));
  }
  return most;
}
