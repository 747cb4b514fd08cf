import { createGraphBuilder, type GraphBuilder, type ValueId } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import type { InputGrid, Precision, RangePolicy } from '../../src/quant/precision.ts';
import { type QuantisedModel, quantise } from '../../src/quant/quantise.ts';
import type { Sample } from '../../src/quant/sample.ts';
import type { DType } from '../../src/tensor/dtype.ts';

/** A model input of a bound test: how it becomes integers, and what it holds. */
export interface Operand {
  readonly dtype?: DType;
  readonly scale?: number;
  readonly lo: number;
  readonly bits: number;
  readonly values: readonly number[];
}

export interface Outcome {
  readonly model: QuantisedModel;
  /** By output, as reals. */
  readonly proved: readonly Float64Array[];
  readonly float: readonly Float64Array[];
  readonly bounds: readonly Float64Array[];
}

/** Builds a graph over the operands, runs both interpreters and returns what they give. */
export function run(
  operands: readonly Operand[],
  build: (b: GraphBuilder, inputs: readonly ValueId[]) => readonly ValueId[],
  bits: Partial<Precision> = {},
  policy: RangePolicy = { name: 'worst-case' },
): Outcome {
  const b = createGraphBuilder();
  const inputs = operands.map(({ dtype = 'float32', values }, i) =>
    b.push({ kind: 'input', inputs: [], shape: [values.length], dtype, name: `x${i}` }),
  );
  const outputs = build(b, inputs);
  const graph = b.finish(outputs.map((node, i) => ({ name: `y${i}`, node })));
  const sample: Sample = new Map(operands.map(({ values }, i) => [`x${i}`, Float64Array.from(values)]));
  const grids = new Map(
    operands.map(({ scale = 1, lo, bits: width }, i): [string, InputGrid] => [
      `x${i}`,
      { scale, zero: 0, lo, bits: width },
    ]),
  );
  const precision = { activationBits: 12, weightBits: 12, inputBits: 12, nodes: new Map(), ...bits };
  const model = quantise(graph, {
    precision,
    policy,
    observed: observe(graph, [sample]),
    grids,
  });
  const values = interpret(model.graph, quantiseInputs(model.graph, sample));
  const float = evaluate(graph, sample);
  return {
    model,
    proved: model.graph.outputs.map(({ node }) => toReal(model.graph.nodes[node], values[node])),
    float: outputs.map((_, i) => float.get(`y${i}`) ?? new Float64Array()),
    bounds: model.outputErrors,
  };
}

/** The first element whose distance to the float value is beyond its proved bound, or whose integer beyond its range. */
export function violation({ model, proved, float, bounds }: Outcome): string | undefined {
  for (const [o, values] of proved.entries()) {
    const { node } = model.graph.outputs[o];
    const { scale } = model.graph.nodes[node];
    const { lo, hi } = model.ranges[node];
    for (let i = 0; i < values.length; i++) {
      const distance = Math.abs(values[i] - float[o][i]);
      const slack = 1e-9 * (1 + Math.abs(float[o][i]));
      if (!(distance <= bounds[o][i] + slack)) {
        return `output ${o}[${i}]: ${values[i]} proved, ${float[o][i]} in floats, bound ${bounds[o][i]}`;
      }
      const q = Math.round(values[i] / scale);
      if (!(q >= lo[i] && q <= hi[i])) return `output ${o}[${i}]: ${q} outside [${lo[i]}, ${hi[i]}]`;
    }
  }
  return undefined;
}
