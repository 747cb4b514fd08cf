import type { ValueId } from '../../graph/builder.ts';
import { retype } from '../../graph/compose/arithmetic.ts';
import { reshape } from '../../graph/compose/movement.ts';
import { isReal } from '../../tensor/dtype.ts';
import { input, type OpContext } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** The samples a model of ai.onnx.ml works on: [rows, features]; a vector is one row. */
export interface FeatureRows {
  readonly x: ValueId;
  readonly rows: number;
  readonly features: number;
}

export function featureRows(context: OpContext): FeatureRows {
  const { b } = context;
  const x = input(context, 0);
  const shape = b.shape(x);
  if (shape.length === 1) return { x: reshape(b, x, [1, shape[0]]), rows: 1, features: shape[0] };
  if (shape.length !== 2) {
    const fix = 'Reshape its input to [samples, features].';
    throw new UnsupportedError(`its input has shape [${shape}]`, fix);
  }
  return { x, rows: shape[0], features: shape[1] };
}

/** Integers become float32, which is what these operators compute in. */
export function asReal(context: OpContext, { x, ...rest }: FeatureRows): FeatureRows {
  const { b } = context;
  return { ...rest, x: isReal(b.dtype(x)) ? x : retype(b, x, 'float32') };
}
