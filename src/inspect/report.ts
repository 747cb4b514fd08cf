import type { Goal, Target } from '../quant/goal.ts';
import type { Accuracy } from '../quant/measure.ts';
import type { TreeFlips } from '../quant/tree-flips.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { InputVisibility, OutputVisibility } from '../tensor/visibility.ts';

/** Everything `vouch inspect` says, as plain data (this is its `--json`). */
export interface InspectReport {
  readonly model: {
    readonly path: string;
    readonly sha256: string;
    /** Of all external data in the order it is read; of nothing where there is none. */
    readonly externalDataSha256: `0x${string}`;
    readonly producer: string;
    readonly opsets: Readonly<Record<string, number>>;
  };
  readonly inputs: readonly InputReport[];
  readonly outputs: readonly OutputReport[];
  readonly operators: readonly { readonly op: string; readonly count: number }[];
  readonly parameters: number;
  readonly macs: number;
  readonly reference: string;
  readonly data: { readonly source: string; readonly searchSamples: number; readonly heldOutSamples: number };
  readonly policy: 'worst-case' | 'calibrated';
  readonly goal: Goal;
  readonly goalMet: boolean;
  /** How many of the precisions that were tried each target refused; the one that refused most decided. */
  readonly refused: Readonly<Record<Target, number>>;
  readonly decidedBy: Target | null;
  readonly accuracy: { readonly search: Accuracy; readonly heldOut: Accuracy };
  /** For models with trees: how many paths through them quantisation changes on held-out samples. */
  readonly treeFlips?: TreeFlips;
  /** Largest proved bound on |proved − float| over each output. */
  readonly errorBounds: readonly number[];
  readonly precision: PrecisionReport;
  readonly constraints: number;
  readonly domain: number;
  readonly byNode: readonly NodeReport[];
  readonly frontier: readonly FrontierPoint[];
  readonly predicted: {
    readonly signals: number;
    readonly verifyGas: number;
    readonly provingMs: number;
    readonly kernel: string;
  };
}

export interface InputReport {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly visibility: InputVisibility;
  readonly lo: number;
  readonly hi: number;
  readonly scale: number;
  readonly zero: number;
  readonly bits: number;
  readonly boundsFrom: 'option' | 'data' | 'assumed';
  /** For a table whose columns have grids of their own; `scale` then says nothing and `bits` is the widest. */
  readonly columns?: readonly ColumnReport[];
}

export interface ColumnReport {
  readonly lo: number;
  readonly hi: number;
  readonly scale: number;
  readonly bits: number;
}

export interface OutputReport {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly visibility: OutputVisibility;
  readonly scale: number;
  readonly bits: number;
}

export interface PrecisionReport {
  readonly activationBits: number;
  readonly weightBits: number;
  readonly inputBits: number;
  readonly layers: readonly {
    readonly node: string;
    readonly op: string;
    readonly activationBits?: number;
    readonly weightBits?: number;
  }[];
}

export interface NodeReport {
  readonly node: string;
  readonly op: string;
  readonly constraints: number;
  /** Widest value of the node, in bits. */
  readonly bits: number;
  readonly elements: number;
}

export interface FrontierPoint {
  readonly constraints: number;
  readonly domain: number;
  readonly agreement: number;
  readonly maxDelta: number;
}
