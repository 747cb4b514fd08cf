import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { VouchError } from '../../src/errors.ts';
import { OnnxModelError } from '../../src/onnx/check.ts';
import { decodeTensor } from '../../src/onnx/decode.ts';
import { type ImportedModel, type ImportOptions, importModel } from '../../src/onnx/import.ts';
import type { NumericTensor, OnnxModel } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';

/** One official case: a model and what it must give for some inputs. */
export interface ConformanceCase {
  readonly name: string;
  readonly folder: string;
}

export interface LoadedCase {
  readonly model: ImportedModel;
  readonly dataSets: readonly CaseData[];
  /** Inputs that were made constants because the circuit's structure depends on them: shapes, axes, indices. */
  readonly fixed: readonly string[];
}

export interface CaseData {
  readonly inputs: ReadonlyMap<string, Float64Array>;
  readonly outputs: readonly NumericTensor[];
}

/** Every folder below `root` that holds a `model.onnx`, sorted. */
export function findCases(root: string): ConformanceCase[] {
  const found: ConformanceCase[] = [];
  const visit = (folder: string, name: string): void => {
    if (existsSync(join(folder, 'model.onnx'))) {
      found.push({ name, folder });
      return;
    }
    for (const entry of readdirSync(folder).sort()) {
      const path = join(folder, entry);
      if (statSync(path).isDirectory()) visit(path, name === '' ? entry : `${name}/${entry}`);
    }
  };
  visit(root, '');
  return found;
}

/**
 * Imports the model at the shapes of its test data, whose symbolic dimensions it thereby binds. Inputs that the import
 * says must be known at compile time are fixed to the case's values.
 */
export function loadCase({ folder }: ConformanceCase): LoadedCase {
  const onnx = readModel(join(folder, 'model.onnx'));
  const free = onnx.graph.inputs.filter(({ name }) => !onnx.graph.initializers.has(name));
  const sets = readdirSync(folder).filter((entry) => entry.startsWith('test_data_set_'));
  const tensors = sets.map((set) => ({
    inputs: readTensors(join(folder, set), 'input'),
    outputs: readTensors(join(folder, set), 'output'),
  }));
  const dims: Record<string, number> = {};
  for (const [i, { dims: declared = [] }] of free.entries()) {
    for (const [axis, dim] of declared.entries()) {
      if (typeof dim === 'string' && dim !== '') dims[dim] = tensors[0].inputs[i].dims[axis];
    }
  }
  const dataSets = tensors.map(({ inputs, outputs }) => ({
    inputs: new Map(inputs.map((tensor, i) => [free[i].name, tensor.data])),
    outputs,
  }));
  return { ...importFixing(onnx, dims, dataSets), dataSets };
}

function importFixing(onnx: OnnxModel, dims: Record<string, number>, [first, ...others]: readonly CaseData[]) {
  const fixed = new Map<string, Float64Array>();
  const options: ImportOptions = { dims, fixed };
  for (;;) {
    try {
      return { model: importModel(onnx, options), fixed: [...fixed.keys()] };
    } catch (error) {
      if (!(error instanceof OnnxModelError)) throw error;
      const wanted = error.problems.flatMap(({ input }) => (input === undefined || fixed.has(input) ? [] : [input]));
      if (wanted.length === 0) throw error;
      for (const name of wanted) {
        const value = first.inputs.get(name) ?? new Float64Array();
        if (others.some(({ inputs }) => inputs.get(name)?.join() !== value.join())) throw error;
        fixed.set(name, value);
      }
    }
  }
}

function readTensors(folder: string, kind: 'input' | 'output'): NumericTensor[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${kind}_`));
  return files.map((_, i) => {
    const tensor = decodeTensor(readFileSync(join(folder, `${kind}_${i}.pb`)));
    if (tensor.dtype === 'string') throw new VouchError(`the case's ${kind} ${i} holds strings`);
    return tensor;
  });
}
