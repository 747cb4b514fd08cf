import { expect, test } from 'vitest';
import { toScalar } from '../../src/field/bn254.ts';
import { elementAt } from '../../src/field/vector.ts';
import { interpret } from '../../src/quant/interpret.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { lower } from '../../src/r1cs/lower.ts';
import { solve } from '../../src/witness/solve.ts';
import { visibleGraph } from '../soundness/visible.ts';

const graph = visibleGraph();
const circuit = lower(graph, analyseRanges(graph));
const values = interpret(
  graph,
  new Map([
    ['own', Float64Array.of(-7, 0, 24)],
    ['shown', Float64Array.of(-300, 0, 723)],
    ['sealed', Float64Array.of(0, 1, 4095)],
  ]),
);
const binding = toScalar(1);
const [first, second] = [toScalar(3n ** 150n), toScalar(0)];

test('every hashed tensor takes a salt of its own, outputs first, and no salt is left over', () => {
  const witness = solve(circuit.hints, values, binding, [first, second]);
  const [output] = circuit.outputs.filter(({ visibility }) => visibility === 'hashed');
  const [input] = circuit.inputs.filter(({ visibility }) => visibility === 'hashed');
  expect(circuit.hints.salts).toEqual([output.salt, input.salt]);
  expect(circuit.hints.salts.map((wire) => elementAt(witness, wire))).toEqual([first, second]);
  expect(() => solve(circuit.hints, values, binding)).toThrow('0 salts for 2 hashed tensors');
  expect(() => solve(circuit.hints, values, binding, [first])).toThrow('1 salts for 2');
  expect(() => solve(circuit.hints, values, binding, [first, second, second])).toThrow('3 salts for 2');
});

test('a salt changes its own commitment and no other signal', () => {
  const [one, other] = [first, toScalar(7)].map((salt) => solve(circuit.hints, values, binding, [salt, second]));
  const { outputs, publicInputs } = circuit.system;
  const changed = Array.from({ length: outputs + publicInputs }, (_, i) => i + 1).filter(
    (wire) => elementAt(one, wire) !== elementAt(other, wire),
  );
  expect(changed).toEqual(circuit.outputs.filter(({ salt }) => salt !== undefined).map(({ signal }) => signal));
});
