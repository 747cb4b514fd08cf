/**
 * Trees in structure-of-arrays form, with float thresholds. Node i is a leaf when `left[i]` is −1; otherwise both
 * children have larger numbers than i, so that one pass over the arrays in either direction visits every tree. No node
 * is the child of two.
 * A sample goes left when its feature is ≤ (`<`, `≥`, `>`, `=`, `≠`, as `test` says) the threshold.
 */
export interface TreeEnsemble {
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly test: readonly TreeTest[];
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Leaf i adds `leafWeight[j]` to target `leafTarget[j]` for j in [leafStart[i], leafStart[i + 1]). */
  readonly leafStart: Int32Array;
  readonly leafTarget: Int32Array;
  readonly leafWeight: Float64Array;
  readonly targets: number;
  /** Added to the sum over all trees; length `targets`. */
  readonly base: Float64Array;
  /** Features are rounded to float32 before they are compared, as ONNX does for all but double inputs. */
  readonly single: boolean;
}

export type TreeTest = 'le' | 'lt' | 'ge' | 'gt' | 'eq' | 'ne';

/** Whether inner node `node` sends a feature of this value to its left child. */
export function goesLeft({ test, threshold, single }: TreeEnsemble, node: number, value: number): boolean {
  const x = single ? Math.fround(value) : value;
  const t = threshold[node];
  switch (test[node]) {
    case 'le':
      return x <= t;
    case 'lt':
      return x < t;
    case 'ge':
      return x >= t;
    case 'gt':
      return x > t;
    case 'eq':
      return x === t;
    case 'ne':
      return x !== t;
  }
}
