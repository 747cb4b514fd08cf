import { createHash } from 'node:crypto';
import type { CompiledModel } from './pipeline.ts';
import { encodeQGraph } from './quant/file.ts';
import { encodeR1cs } from './r1cs/file.ts';
import { keccak, verifyingKeyDigest } from './verify/evm-words.ts';
import type { Hex32 } from './verify/json.ts';
import type { ModelCore } from './verify/model-core.ts';
import type { TrustLevel, VerifyingKey } from './verify/types.ts';

/** How a contract or a stranger reads a model's signals: names, shapes, scales, bounds and packing of the outputs. */
export function encodeLayout({ circuit, result }: CompiledModel): Uint8Array {
  const { nodes } = result.model.graph;
  const outputs = circuit.outputs.map(({ name, node, lo, hi, laneBytes, lanes, size }) => {
    const { shape, scale } = nodes[node];
    return { name, shape, scale, lo, hi, laneBytes, lanes, size };
  });
  return new TextEncoder().encode(JSON.stringify({ format: 1, outputs, binding: true }));
}

/** Everything that the model's identity pins; its hash is the model's id. */
export function modelCore(compiled: CompiledModel, verifyingKey: VerifyingKey, trust: TrustLevel): ModelCore {
  return {
    onnxDigest: `0x${compiled.report.model.sha256}`,
    externalDataDigest: sha256([]),
    quantisedDigest: sha256([encodeQGraph(compiled.result.model.graph)]),
    r1csDigest: sha256(encodeR1cs(compiled.circuit.system)),
    layoutDigest: keccak(encodeLayout(compiled)),
    vkDigest: verifyingKeyDigest(verifyingKey),
    trust,
  };
}

function sha256(chunks: Iterable<Uint8Array>): Hex32 {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `0x${hash.digest('hex')}`;
}
