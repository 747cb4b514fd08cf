import type { Report } from './report.ts';
import type { PeerLimits, PeerRow } from './result.ts';

/** What a row is measured on. */
export interface PeerInput {
  /** The folder of the ONNX file. */
  readonly model: string;
  /** An empty folder of the row's own. */
  readonly work: string;
  readonly limits: PeerLimits;
  /** Rows of the same model that have been measured. */
  readonly measured: readonly PeerRow[];
}

/** Measures one prover on one model, stage by stage. */
export type MeasurePeer = (input: PeerInput, report: Report) => Promise<void>;

/** The program is not on this machine. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError';
}

/** What remains was measured before, of another row. */
export class RepeatedError extends Error {
  override readonly name = 'RepeatedError';
}
