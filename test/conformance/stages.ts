import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { simplify } from '../../src/graph/passes/simplify.ts';
import { inputGrids, observe } from '../../src/quant/calibrate.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import type { Precision } from '../../src/quant/precision.ts';
import { type QuantisedModel, quantise } from '../../src/quant/quantise.ts';
import { boundBreach, disagreement } from './agree.ts';
import type { CaseData, LoadedCase } from './case.ts';
import { circuitOf, witnessFault } from './witness.ts';

export type Stage = 'float' | 'quantised' | 'witness';

/** Generous bits: conformance asks whether an operator is right, not how cheap it can be. */
const precision: Precision = { activationBits: 16, weightBits: 14, inputBits: 16, nodes: new Map() };

/** Runs a stage of the pipeline on one case; a difference is returned in words. */
export const stages: Readonly<Record<Stage, (loaded: LoadedCase) => string | undefined>> = {
  float: ({ model, dataSets }) => {
    const graph = simplify(model.graph);
    return firstDifference(dataSets, ({ inputs, outputs }) => {
      const values = evaluate(graph, inputs);
      return firstDifference(outputs.entries(), ([i, expected]) =>
        disagreement(expected, values.get(graph.outputs[i].name) ?? new Float64Array()),
      );
    });
  },
  quantised: ({ model, dataSets }) => {
    const graph = simplify(model.graph);
    const quantised = quantiseCase(graph, dataSets);
    return firstDifference(dataSets, (data: CaseData) => {
      const values = interpret(quantised.graph, quantiseInputs(quantised.graph, data.inputs));
      const float = evaluate(graph, data.inputs);
      return firstDifference(data.outputs.entries(), ([i, expected]) => {
        const { node } = quantised.graph.outputs[i];
        const proved = toReal(quantised.graph.nodes[node], values[node]);
        const exact = float.get(graph.outputs[i].name) ?? new Float64Array();
        return disagreement(expected, proved) ?? boundBreach(exact, proved, quantised.outputErrors[i]);
      });
    });
  },
  witness: ({ model, dataSets }) => {
    const quantised = quantiseCase(simplify(model.graph), dataSets);
    const circuit = circuitOf(quantised);
    if (typeof circuit === 'string') return circuit;
    return firstDifference(dataSets.entries(), ([i, data]) =>
      witnessFault(
        quantised.graph,
        circuit,
        interpret(quantised.graph, quantiseInputs(quantised.graph, data.inputs)),
        i + 1,
      ),
    );
  },
};

/** The case's own data stands in for calibration data. */
function quantiseCase(graph: Graph, dataSets: readonly CaseData[]): QuantisedModel {
  const samples = dataSets.map(({ inputs }) => inputs);
  return quantise(graph, {
    precision,
    policy: { name: 'worst-case' },
    observed: observe(graph, samples),
    grids: inputGrids(graph, samples, precision.inputBits),
  });
}

function firstDifference<T>(items: Iterable<T>, check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = check(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
