import type { Origin } from '../graph/graph.ts';
import type { AffineMap } from '../graph/kernels/affine.ts';
import type { Shape } from '../tensor/shape.ts';
import type { InputVisibility, OutputVisibility } from '../tensor/visibility.ts';

/**
 * The quantised graph: integer tensors and integer operations, nothing else. Its interpreter (`interpret.ts`) is the
 * specification of what is proved. A tensor's integers q stand for the reals scale·q (plus `zero` for inputs).
 */
interface QBase {
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly origin: Origin;
  /** Real value of one unit; 1 for integers and booleans. */
  readonly scale: number;
}

/**
 * q = round-half-away((real − zero) / scale), range-checked to lo + [0, 2^bits). With `columns`, element i follows
 * column i mod their number instead, and `scale` is 1: trees and affine maps read the integers of each column as such.
 */
export interface QInput extends QBase {
  readonly kind: 'input';
  readonly name: string;
  readonly zero: number;
  readonly lo: number;
  readonly bits: number;
  readonly columns?: readonly ColumnGrid[];
  /** Private where absent. */
  readonly visibility?: InputVisibility;
}

/** Integers of one feature of a table: real = scale·q + zero, q in lo + [0, 2^bits). */
export interface ColumnGrid {
  readonly scale: number;
  readonly lo: number;
  readonly bits: number;
}

export interface QConst extends QBase {
  readonly kind: 'const';
  readonly data: Float64Array;
}

export interface QAffine extends QBase, AffineMap {
  readonly kind: 'affine';
}

export interface QMap extends QBase {
  readonly kind: 'map';
  readonly source: Int32Array;
  readonly fill: number;
}

/** Σ coefficients[i]·inputs[i], integers. */
export interface QAdd extends QBase {
  readonly kind: 'add';
  readonly coefficients: readonly number[];
}

export interface QMul extends QBase {
  readonly kind: 'mul';
}

export interface QMatMul extends QBase {
  readonly kind: 'matmul';
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/**
 * y = floor((x + 2^(shift−1)) / 2^shift), then max(0, ·) when `relu`.
 * `width` is the enforced signed width of x + 2^(shift−1), or null to take what the interval proves necessary.
 */
export interface QRescale extends QBase {
  readonly kind: 'rescale';
  readonly shift: number;
  readonly relu: boolean;
  readonly width: number | null;
}

/** y = min(max(x, lo), hi), integers. */
export interface QClip extends QBase {
  readonly kind: 'clip';
  readonly lo: number;
  readonly hi: number;
}

/** y = x / 2^shift rounded to an integer. */
export interface QRound extends QBase {
  readonly kind: 'round';
  readonly mode: 'floor' | 'ceil' | 'trunc' | 'even';
  readonly shift: number;
}

export interface QCompare extends QBase {
  readonly kind: 'compare';
  readonly relation: 'lt' | 'le' | 'eq';
}

export interface QSelect extends QBase {
  readonly kind: 'select';
}

export interface QMax extends QBase {
  readonly kind: 'max';
  readonly window: number;
  readonly gather: Int32Array;
}

export interface QArgMax extends QBase {
  readonly kind: 'argmax';
  readonly rows: number;
  readonly length: number;
  readonly tie: 'first' | 'last';
}

export interface QTopK extends QBase {
  readonly kind: 'topk';
  readonly rows: number;
  readonly length: number;
  readonly k: number;
  readonly largest: boolean;
  readonly result: 'values' | 'indices';
}

/**
 * Piecewise polynomial. With u = x − lo in [0, 2^bits), s = floor(u / 2^(bits − segmentBits)) and r the rest:
 * y = floor((Σ_d coefficients[d][s]·r^d + 2^(shift−1)) / 2^shift). Degree = coefficients.length − 1.
 */
export interface QFunction extends QBase {
  readonly kind: 'function';
  readonly name: string;
  readonly lo: number;
  readonly bits: number;
  readonly segmentBits: number;
  readonly shift: number;
  readonly coefficients: readonly Float64Array[];
}

/**
 * Integer quotient of factor·x by y: `nearest` = floor((2·factor·x + y) / 2y), or toward −∞ (`floor`) or zero (`trunc`).
 * y never contains 0 and is positive for `nearest`.
 */
export interface QDivide extends QBase {
  readonly kind: 'divide';
  readonly mode: 'nearest' | 'floor' | 'trunc';
  readonly factor: number;
}

/** y = floor(sqrt(factor·x)), x ≥ 0. */
export interface QSqrt extends QBase {
  readonly kind: 'sqrt';
  readonly factor: number;
}

export interface QBits extends QBase {
  readonly kind: 'bits';
  readonly op: 'and' | 'or' | 'xor' | 'wrap' | 'shr';
  readonly width: number;
  readonly signed: boolean;
  readonly amount: number;
}

/**
 * Decision trees with integer thresholds: node i goes left when its feature is below threshold[i], or equal to it where
 * equality[i] is 1. Feature f of row r is gather[r·features + f] of the concatenated operands. Node i is a leaf when
 * left[i] is −1; children have larger numbers than their one parent. Leaves carry integer weights at the node's scale.
 */
export interface QTree extends QBase {
  readonly kind: 'tree';
  readonly rows: number;
  readonly features: number;
  readonly gather: Int32Array;
  readonly targets: number;
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly equality: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly leafStart: Int32Array;
  readonly leafTarget: Int32Array;
  readonly leafWeight: Float64Array;
  readonly base: Float64Array;
}

export type QNode =
  | QInput
  | QConst
  | QAffine
  | QMap
  | QAdd
  | QMul
  | QMatMul
  | QRescale
  | QClip
  | QRound
  | QCompare
  | QSelect
  | QMax
  | QArgMax
  | QTopK
  | QFunction
  | QDivide
  | QSqrt
  | QBits
  | QTree;

export type QKind = QNode['kind'];

export interface QOutput {
  readonly name: string;
  readonly node: number;
  /** Public where absent. */
  readonly visibility?: OutputVisibility;
}

export interface QGraph {
  readonly nodes: readonly QNode[];
  readonly outputs: readonly QOutput[];
}

/** Proved bounds of a tensor, per element: lo[i] ≤ q[i] ≤ hi[i]. */
export interface Range {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/** Integers of ours stay below this, so that float64 arithmetic on them is exact. */
export const exactLimit = 2 ** 53;
