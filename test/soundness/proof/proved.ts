import { toScalar } from '../../../src/field/bn254.ts';
import { createSnarkjsKernel } from '../../../src/kernel/snarkjs.ts';
import { createDevelopmentKey } from '../../../src/keys/dev.ts';
import { proveGroth16 } from '../../../src/prove/groth16.ts';
import { createQBuilder } from '../../../src/quant/builder.ts';
import { interpret } from '../../../src/quant/interpret.ts';
import type { QGraph } from '../../../src/quant/qgraph.ts';
import { analyseRanges } from '../../../src/quant/ranges.ts';
import { lower } from '../../../src/r1cs/lower.ts';
import type { Groth16Proof, VerifyingKey } from '../../../src/verify/types.ts';
import { solve } from '../../../src/witness/solve.ts';

/** What a verifier is given. */
export interface Statement {
  readonly key: VerifyingKey;
  readonly signals: readonly bigint[];
  readonly proof: Groth16Proof;
}

export interface ProvedStatements {
  readonly honest: Statement;
  /** The same circuit, other input and binding. */
  readonly other: Statement;
  /** Another key for the same circuit. */
  readonly otherKey: VerifyingKey;
  /** The key of a circuit that differs in one weight. */
  readonly otherModel: VerifyingKey;
}

/** Four inputs, a dense layer with ReLU, the scores and their label as outputs. */
function network(weight: number): QGraph {
  const q = createQBuilder();
  const scale = 1;
  const x = q.push({ kind: 'input', inputs: [], shape: [4], scale, name: 'x', zero: 0, lo: -8, bits: 4 });
  const dense = q.push({
    kind: 'affine',
    inputs: [x],
    shape: [3],
    scale,
    groups: 1,
    outs: 3,
    positions: 1,
    depth: 4,
    gather: Int32Array.of(0, 1, 2, 3),
    weight: Float64Array.of(3, -1, 4, weight, -5, 9, 2, -6, 5, 3, -5, 8),
    bias: Float64Array.of(7, -2, 1),
  });
  const scores = q.push({ kind: 'rescale', inputs: [dense], shape: [3], scale, shift: 2, relu: true, width: null });
  const label = q.push({ kind: 'argmax', inputs: [scores], shape: [1], scale, rows: 1, length: 3, tie: 'first' });
  return q.finish([
    { name: 'scores', node: scores },
    { name: 'label', node: label },
  ]);
}

export async function proveStatements(): Promise<ProvedStatements> {
  const graph = network(1);
  const circuit = lower(graph, analyseRanges(graph));
  const { zkey, verifyingKey: key } = await createDevelopmentKey(circuit.system, { threads: 1 });
  const provingKey = new Uint8Array(Buffer.concat(zkey));
  const kernel = createSnarkjsKernel();
  const prove = async (x: readonly number[], binding: bigint): Promise<Statement> => {
    const values = interpret(graph, new Map([['x', Float64Array.from(x)]]));
    const witness = solve(circuit.hints, values, toScalar(binding));
    const { proof, publicSignals } = await proveGroth16({ kernel, provingKey, verifyingKey: key, witness });
    return { key, signals: publicSignals, proof };
  };
  const honest = await prove([5, -3, 7, -8], 0x1234n);
  const other = await prove([-8, 7, 0, 1], 0x99n);
  await kernel.close();
  const changed = network(2);
  const [again, model] = await Promise.all([
    createDevelopmentKey(circuit.system, { threads: 1 }),
    createDevelopmentKey(lower(changed, analyseRanges(changed)).system, { threads: 1 }),
  ]);
  return { honest, other, otherKey: again.verifyingKey, otherModel: model.verifyingKey };
}
