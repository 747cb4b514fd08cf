import { readFile } from 'node:fs/promises';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { VouchError } from '../../errors.ts';
import { bindDims, type DimBindings } from '../../onnx/dims.ts';
import { ModelProtoSchema, type ValueInfoProto } from '../../onnx/generated/onnx_pb.ts';
import { readModelFile } from '../../onnx/read.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Hex32 } from '../../verify/json.ts';

export interface NetworkInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An ONNX file as it is given to EZKL, and where it comes from. */
export interface Network {
  readonly bytes: Uint8Array;
  readonly inputs: readonly NetworkInput[];
  readonly outputs: readonly string[];
  readonly onnx: Hex32;
  readonly externalData: Hex32;
}

/** Of no bytes: the model has no external data. */
const NOTHING = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The model itself with its dimensions fixed, because EZKL takes symbols only by their names and some have none. What
 * the file says of the shapes between is left out: it speaks of the symbols.
 */
export async function fixedNetwork(path: string, dims: DimBindings = {}): Promise<Network> {
  const { model, sha256, externalDataSha256 } = readModelFile(path);
  if (externalDataSha256 !== NOTHING) throw new ExternalDataError(path);
  const inputs = model.graph.inputs
    .filter(({ name }) => !model.graph.initializers.has(name))
    .map((info) => {
      const bound = bindDims(info, dims);
      if ('problem' in bound) throw new VouchError(bound.problem.message, { metaMessages: [bound.problem.fix] });
      return { name: info.name, ...bound };
    });
  const proto = fromBinary(ModelProtoSchema, await readFile(path));
  const graph = proto.graph;
  if (graph === undefined) throw new VouchError(`"${path}" holds no graph`);
  graph.valueInfo = [];
  const shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
  for (const info of graph.input) fixShape(info, shapes.get(info.name));
  for (const info of graph.output) fixShape(info, undefined);
  return {
    bytes: toBinary(ModelProtoSchema, proto),
    inputs,
    outputs: graph.output.map(({ name }) => name),
    onnx: `0x${sha256}`,
    externalData: externalDataSha256,
  };
}

/** Writes a shape into a declaration, or takes its shape away where it is known to the operators only. */
function fixShape({ type }: ValueInfoProto, shape: Shape | undefined): void {
  const value = type?.value;
  if (value?.case !== 'tensorType') return;
  if (shape === undefined) {
    delete value.value.shape;
    return;
  }
  for (const [axis, dim] of (value.value.shape?.dim ?? []).entries()) {
    dim.value = { case: 'dimValue', value: BigInt(shape[axis]) };
  }
}

/** The weights lie in other files. */
export class ExternalDataError extends VouchError {
  override readonly name = 'Backend.ExternalDataError';

  constructor(path: string) {
    super(`"${path}" keeps its weights in other files, which EZKL is not given`, {
      metaMessages: ['Save the model with its weights inside, or compile it with --network rewritten.'],
    });
  }
}
