import { OnnxDecodeError } from './decode-error.ts';

/** What a model may claim. Each is checked before the memory it stands for is taken. */
export interface DecodeLimits {
  /** Elements of one tensor. */
  readonly maxElements: number;
  /** Elements of all tensors together. */
  readonly maxTotalElements: number;
  /** Elements of a tensor whose bytes do not pay for them: a sparse one, made dense. */
  readonly maxSparseElements: number;
  readonly maxNodes: number;
  /** Depth of graphs within attributes. */
  readonly maxDepth: number;
  /** Protobuf messages and strings, each of which becomes an object in memory. */
  readonly maxObjects: number;
  /** Numbers in repeated protobuf fields (not raw data). */
  readonly maxNumbers: number;
}

export const defaultLimits: DecodeLimits = {
  maxElements: 2 ** 28,
  maxTotalElements: 2 ** 28,
  maxSparseElements: 2 ** 24,
  maxNodes: 200_000,
  maxDepth: 32,
  maxObjects: 2 ** 20,
  maxNumbers: 2 ** 25,
};

/** The limits of one decoding and what it has used of them. */
export interface Allowance {
  readonly limits: DecodeLimits;
  nodes: number;
  elements: number;
}

export const startAllowance = (limits: Partial<DecodeLimits>): Allowance => ({
  limits: { ...defaultLimits, ...limits },
  nodes: 0,
  elements: 0,
});

/** Counts the elements of a tensor against the allowance and returns their number. */
export function takeElements(name: string, dims: readonly number[], allowance: Allowance): number {
  const { maxElements, maxTotalElements } = allowance.limits;
  let size = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw new OnnxDecodeError(`tensor "${name}" has dimension ${dim}`);
    size *= dim;
  }
  if (!(size <= maxElements)) {
    throw new OnnxDecodeError(`tensor "${name}" claims ${size} elements`, [`the limit is ${maxElements}`]);
  }
  allowance.elements += size;
  if (allowance.elements > maxTotalElements) {
    throw new OnnxDecodeError(`the tensors up to "${name}" claim ${allowance.elements} elements`, [
      `the limit for all together is ${maxTotalElements}`,
    ]);
  }
  return size;
}
