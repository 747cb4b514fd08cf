import { VouchError } from '../errors.ts';

/** A tensor as a contract reads it: one word of the table at the head of a layout. */
export interface TableEntry {
  readonly encoding: Encoding;
  readonly laneBytes: number;
  /** Public signals that the tensor occupies. */
  readonly signals: number;
  readonly elements: number;
  readonly lo: number;
  readonly hi: number;
  readonly scale: number;
}

/** 0: no signal. 1: lanes. 2: one signal, a commitment. */
export type Encoding = 0 | 1 | 2;

export const layoutFormat = 'vouch-layout-2';
const tableWordBytes = 32;
const formatBytes = 24;
export const maxTensors = 1 << 10;

/**
 * The table: a word with the format (24 bytes, zero-padded), the number of outputs and of inputs (32 bits each), then a
 * word per tensor: encoding (8 bits), bytes of a lane (8), signals (16), elements (32), lo (64, signed), hi − lo (64) and
 * the bits of the scale as a double (64). All big-endian.
 */
export function encodeTable(outputs: readonly TableEntry[], inputs: readonly TableEntry[]): Uint8Array {
  const table = new Uint8Array(tableWordBytes * (1 + outputs.length + inputs.length));
  const view = new DataView(table.buffer);
  table.set(new TextEncoder().encode(layoutFormat));
  view.setUint32(formatBytes, outputs.length);
  view.setUint32(formatBytes + 4, inputs.length);
  for (const [i, entry] of [...outputs, ...inputs].entries()) encodeEntry(view, tableWordBytes * (i + 1), entry);
  return table;
}

function encodeEntry(
  view: DataView,
  at: number,
  { encoding, laneBytes, signals, elements, lo, hi, scale }: TableEntry,
) {
  if (signals >= 2 ** 16 || elements >= 2 ** 32) throw new LayoutSizeError(signals, elements);
  view.setUint8(at, encoding);
  view.setUint8(at + 1, laneBytes);
  view.setUint16(at + 2, signals);
  view.setUint32(at + 4, elements);
  view.setBigInt64(at + 8, BigInt(lo));
  view.setBigUint64(at + 16, BigInt(hi - lo));
  view.setFloat64(at + 24, scale);
}

/** Length of the table that these bytes begin with, or `undefined` where they begin with none. */
export function tableLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < tableWordBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [outputs, inputs] = [view.getUint32(formatBytes), view.getUint32(formatBytes + 4)];
  if (outputs > maxTensors || inputs > maxTensors) return undefined;
  const length = tableWordBytes * (1 + outputs + inputs);
  return length <= bytes.length ? length : undefined;
}

/** More signals than a contract could ever take. */
export class LayoutSizeError extends VouchError {
  override readonly name = 'Verify.LayoutSizeError';

  constructor(signals: number, elements: number) {
    super(`a tensor of ${elements} elements needs ${signals} public signals`, {
      metaMessages: ['expected at most 65535 signals', 'Compile it as hashed: a commitment is one signal.'],
    });
  }
}
