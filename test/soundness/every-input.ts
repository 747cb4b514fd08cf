import type { QGraph } from '../../src/quant/qgraph.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { isInput, valuesFor } from '../r1cs/lower/operand.ts';
import { type Run, runCircuit } from './unique.ts';

/** Every input of a graph. */
function* allInputs(graph: QGraph): Generator<Map<string, Float64Array>> {
  const inputs = graph.nodes.filter(isInput);
  const places = inputs.flatMap(({ name, lo, bits, shape }) =>
    Array.from({ length: shape[0] }, (_, i) => ({ name, i, lo, count: 2 ** bits })),
  );
  const total = places.reduce((product, { count }) => product * count, 1);
  for (let at = 0; at < total; at++) {
    const chosen = new Map(inputs.map(({ name, shape }) => [name, new Float64Array(shape[0])]));
    let rest = at;
    for (const { name, i, lo, count } of places) {
      const values = chosen.get(name);
      if (values !== undefined) values[i] = lo + (rest % count);
      rest = Math.floor(rest / count);
    }
    yield chosen;
  }
}

/** Inputs that the enforced width of some node refuses have no witness to look at. */
export function runsOf(graph: QGraph): Run[] {
  const circuit = lower(graph, analyseRanges(graph));
  const runs: Run[] = [];
  for (const inputs of allInputs(graph)) {
    if (valuesFor(graph, inputs) !== undefined) runs.push(runCircuit(graph, circuit, inputs));
  }
  return runs;
}
