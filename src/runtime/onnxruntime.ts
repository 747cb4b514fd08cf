import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { VouchError } from '../errors.ts';
import type { Shape } from '../tensor/shape.ts';

/** An input with all its dimensions known; its element type is the model's own. */
export interface InputSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** onnxruntime behind a narrow door: the float reference that everything quantised is measured against. */
export interface FloatRuntime {
  /** Version and settings, recorded with every measurement. */
  readonly description: string;
  /** Outputs by name. Runs on the calling thread and blocks it. */
  run(inputs: ReadonlyMap<string, Float64Array>): Promise<Map<string, Float64Array>>;
  close(): Promise<void>;
}

/** The optimisation level is fixed because it changes float bits. */
const optimisation = 'basic';

/** Opens a model by its path (external data is found beside it) or from its bytes. */
export async function openFloatRuntime(
  model: string | Uint8Array,
  inputs: readonly InputSpec[],
): Promise<FloatRuntime> {
  const ort = await loadRuntime();
  let session: InferenceSession;
  try {
    const settings = {
      graphOptimizationLevel: optimisation,
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    } as const;
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, settings)
      : ort.InferenceSession.create(model, settings));
  } catch (cause) {
    throw new RuntimeRefusedError(typeof model === 'string' ? `"${model}"` : 'the model', cause);
  }
  const types = new Map(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : 'no tensor']));
  return {
    description: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common} (cpu, ${optimisation})`,
    async run(values) {
      const feeds: Record<string, Tensor> = {};
      for (const spec of inputs) {
        const value = values.get(spec.name);
        if (value === undefined) throw new VouchError(`input "${spec.name}" is missing`);
        feeds[spec.name] = toTensor(ort, types.get(spec.name), spec.shape, value);
      }
      const results = await session.run(feeds);
      return new Map(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)]));
    },
    close: () => session.release(),
  };
}

type Runtime = typeof import('onnxruntime-node');

async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new RuntimeMissingError(cause);
  }
}

function toTensor(ort: Runtime, type: string | undefined, shape: Shape, value: Float64Array): Tensor {
  switch (type) {
    case 'float32':
      return new ort.Tensor('float32', Float32Array.from(value), shape);
    case 'float64':
      return new ort.Tensor('float64', value, shape);
    case 'int64':
    case 'uint64': {
      const Wide = type === 'int64' ? BigInt64Array : BigUint64Array;
      const wide = new Wide(value.length);
      for (let i = 0; i < wide.length; i++) wide[i] = BigInt(value[i]);
      return new ort.Tensor(type, wide, shape);
    }
    case 'bool':
      return new ort.Tensor('bool', Uint8Array.from(value), shape);
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(value), shape);
    case 'uint32':
      return new ort.Tensor('uint32', Uint32Array.from(value), shape);
    case 'int16':
      return new ort.Tensor('int16', Int16Array.from(value), shape);
    case 'uint16':
      return new ort.Tensor('uint16', Uint16Array.from(value), shape);
    case 'int8':
      return new ort.Tensor('int8', Int8Array.from(value), shape);
    case 'uint8':
      return new ort.Tensor('uint8', Uint8Array.from(value), shape);
    default:
      throw new VouchError(`an input of type ${type} cannot be given to onnxruntime`);
  }
}

function fromTensor(tensor: Tensor): Float64Array {
  const { data } = tensor;
  const values = new Float64Array(tensor.size);
  for (let i = 0; i < values.length; i++) values[i] = Number(data[i]);
  return values;
}

export class RuntimeRefusedError extends VouchError {
  override readonly name = 'RuntimeRefusedError';
  constructor(what: string, cause: unknown) {
    super(`onnxruntime cannot load ${what}`, {
      metaMessages: [cause instanceof Error ? cause.message : String(cause)],
      cause,
    });
  }
}

/** Its install script fails where it cannot download libraries for GPUs, and npm then leaves it out. */
export class RuntimeMissingError extends VouchError {
  override readonly name = 'RuntimeMissingError';
  constructor(cause: unknown) {
    super('onnxruntime-node is not installed', {
      metaMessages: [
        'It is needed to compare with the float model.',
        'Install it without its downloads: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
      ],
      cause,
    });
  }
}
