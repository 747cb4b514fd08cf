import type { DType } from '../tensor/dtype.ts';
import type { OnnxValueInfo } from './model.ts';

/** Values of symbolic dimensions by name, as `--dim name=value` gives them. */
export type DimBindings = Readonly<Record<string, number>>;

interface DimProblem {
  readonly message: string;
  readonly fix: string;
}

/** The concrete shape of an input. A leading unbound dimension is a batch of 1; any other must be bound. */
export function bindDims(
  info: OnnxValueInfo,
  bindings: DimBindings,
): { readonly shape: number[]; readonly dtype: DType } | { readonly problem: DimProblem } {
  const { name, dtype, dims } = info;
  if (dtype === undefined || dims === undefined) {
    return {
      problem: { message: `input "${name}" is not a tensor of known rank`, fix: 'Export with static input ranks.' },
    };
  }
  if (dtype === 'string' || dtype.startsWith('complex')) {
    const fix = 'Encode it as numbers before the model: only numeric inputs can be proved.';
    return { problem: { message: `input "${name}" holds ${dtype} values`, fix } };
  }
  const shape: number[] = [];
  for (const [axis, dim] of dims.entries()) {
    const size = typeof dim === 'number' ? dim : (bindings[dim] ?? (axis === 0 ? 1 : undefined));
    if (size === undefined || !Number.isInteger(size) || size < 0) {
      const label = dim === '' ? `axis ${axis}` : `"${dim}"`;
      const message = `dimension ${label} of input "${name}" has no value`;
      return { problem: { message, fix: dim === '' ? 'Export with static shapes.' : `Bind it: --dim ${dim}=N` } };
    }
    shape.push(size);
  }
  return { shape, dtype };
}
