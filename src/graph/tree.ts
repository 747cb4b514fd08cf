/**
 * Trees in structure-of-arrays form, as float thresholds. Node i is a leaf when `left[i]` is −1.
 * A sample goes left when `feature ≤ threshold` (or `<`, `≥`, `>`, `=`, `≠` as `test` says).
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
  readonly aggregate: 'sum' | 'min' | 'max' | 'average';
  /** Added to every target after aggregation; length `targets`. */
  readonly base: Float64Array;
}

export type TreeTest = 'le' | 'lt' | 'ge' | 'gt' | 'eq' | 'ne';
