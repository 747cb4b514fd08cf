import { VouchError } from '../errors.ts';
import { simplify } from '../graph/passes/simplify.ts';
import { withVisibility } from '../graph/visibility.ts';
import type { Inspection } from '../inspect/inspect.ts';
import { sampleDigest } from '../inspect/sample-digest.ts';
import { assemble } from '../model/assemble.ts';
import type { Model } from '../model/model.ts';
import { importModel } from '../onnx/import.ts';
import { readModelFile } from '../onnx/read.ts';
import { quantise } from '../quant/quantise.ts';
import type { Recipe } from '../store/recipe.ts';

/** What it takes to repeat a compilation. */
export function recipeOf(
  { policy, grids, visibility, result, calibration }: Inspection,
  dims: Recipe['dims'] = {},
): Recipe {
  const data = calibration && { samples: calibration.length, sha256: sampleDigest(calibration) };
  const { chosen, observed } = result;
  return { dims, policy, precision: chosen.precision, grids, visibility, observed, calibration: data ?? null };
}

/** The model of an earlier compilation from the ONNX file and that compilation's recipe. */
export function recompile(path: string, { dims, precision, policy, observed, grids, visibility }: Recipe): Model {
  const { model, ...digests } = readModelFile(path);
  const graph = withVisibility(simplify(importModel(model, { dims }).graph), visibility);
  if (observed.length !== graph.nodes.length) throw new OtherGraphError(observed.length, graph.nodes.length);
  return assemble(quantise(graph, { precision, policy, observed, grids }), digests);
}

/** The recipe was made for another ONNX file, or by a version that imports it differently. */
export class OtherGraphError extends VouchError {
  override readonly name = 'OtherGraphError';

  constructor(expected: number, got: number) {
    super('the recipe was not made for this ONNX file', {
      metaMessages: [
        `it describes a graph of ${expected} nodes, the file gives one of ${got}`,
        'Compile the model again with this version.',
      ],
    });
  }
}
