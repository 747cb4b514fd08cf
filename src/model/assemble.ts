import { createHash } from 'node:crypto';
import { encodeQGraph } from '../quant/file.ts';
import type { QuantisedModel } from '../quant/quantise.ts';
import { encodeR1cs } from '../r1cs/file.ts';
import { lower } from '../r1cs/lower.ts';
import type { Hex32 } from '../verify/json.ts';
import { layoutOf } from './layout.ts';
import type { Model } from './model.ts';

/** sha256 of an ONNX file and of its external data, as `readModelFile` gives them. */
export interface OnnxDigests {
  readonly sha256: string;
  readonly externalDataSha256: Hex32;
}

/** Integers → constraints, with the digests that pin both to the ONNX file. */
export function assemble({ graph: quantised, ranges }: QuantisedModel, onnx: OnnxDigests): Model {
  const circuit = lower(quantised, ranges);
  const digests = {
    onnx: `0x${onnx.sha256}`,
    externalData: onnx.externalDataSha256,
    quantised: sha256([encodeQGraph(quantised)]),
    r1cs: sha256(encodeR1cs(circuit.system)),
  } as const;
  return { quantised, ranges, circuit, layout: layoutOf(quantised, circuit), digests };
}

function sha256(chunks: Iterable<Uint8Array>): Hex32 {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `0x${hash.digest('hex')}`;
}
