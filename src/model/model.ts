import type { QGraph, Range } from '../quant/qgraph.ts';
import type { Circuit } from '../r1cs/lower.ts';
import type { Hex32 } from '../verify/json.ts';
import type { Layout } from '../verify/layout.ts';

/** A model that can be proved: its integers, its circuit, and what pins both to the ONNX file. */
export interface Model {
  readonly quantised: QGraph;
  readonly ranges: readonly Range[];
  readonly circuit: Circuit;
  readonly layout: Layout;
  readonly digests: ModelDigests;
}

/** sha256 of what a circuit is made from and of the circuit itself. */
export interface ModelDigests {
  readonly onnx: Hex32;
  readonly externalData: Hex32;
  readonly quantised: Hex32;
  readonly r1cs: Hex32;
}
