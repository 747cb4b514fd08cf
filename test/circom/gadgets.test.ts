import { describe, expect, test } from 'vitest';
import { circomInput } from '../../src/circom/input.ts';
import { emitCircom } from '../../src/circom/program.ts';
import { elementAt } from '../../src/field/vector.ts';
import { interpret, RangeOverflowError } from '../../src/quant/interpret.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { publicCount, type System } from '../../src/r1cs/system.ts';
import { someInputs } from '../r1cs/lower/operand.ts';
import { Random } from '../r1cs/lower/random.ts';
import { smallGadgets } from '../soundness/small-gadgets.ts';
import { solveAll } from '../soundness/solver/solutions.ts';
import { bothRoutes, expectSameWitness, productRows, type Routes } from './agree.ts';
import { compileCircom } from './compiler.ts';

describe.each(smallGadgets)('$name', ({ graph }) => {
  const ranges = analyseRanges(graph);
  const random = new Random(17);
  const samples = (['lowest', 'highest', 'anywhere', 'anywhere'] as const)
    .map((where) => someInputs(graph, ranges, random, where))
    .filter((inputs) => isProvable(() => interpret(graph, inputs)));

  test('both routes have the same products, witnesses and forgeries', async () => {
    const routes = bothRoutes(graph);
    expect(productRows(routes.circom.system)).toBe(productRows(routes.ours.system));
    for (const inputs of samples) {
      const witness = await expectSameWitness(routes, inputs, 'honest');
      const honest = valuesOf(routes.circom.system, witness.circom);
      expectUnique(routes.circom.system, honest);
      expectSameLies(routes, valuesOf(routes.ours.system, witness.ours), honest);
    }
  });
});

test('a template without one of its constraints is found out', async () => {
  const { graph } = smallGadgets.find(({ name }) => name === 'requantise') ?? smallGadgets[0];
  const program = emitCircom(graph, analyseRanges(graph));
  const routes = bothRoutes(graph);
  const inputs = someInputs(graph, analyseRanges(graph), new Random(1), 'anywhere');
  const { circom } = await expectSameWitness(routes, inputs, 'honest');
  expectUnique(routes.circom.system, valuesOf(routes.circom.system, circom));
  for (const line of ['Boolean()(bit[k]);', 'sum === in;', 'RangeCheck(shift)(in - 2 ** shift * out);']) {
    expect(program).toContain(line);
    const weak = compileCircom(program.replace(line, ''));
    const witness = await weak.solve(circomInput(graph, analyseRanges(graph), inputs));
    const verdict = solveAll(weak.system, givenOf(weak.system, valuesOf(weak.system, witness)));
    expect(verdict.kind === 'solutions' && verdict.solutions.length === 1, line).toBe(false);
  }
});

/** Every choice of the other wires but the honest one breaks a row, whatever field elements they hold. */
function expectUnique(system: System, honest: readonly bigint[]): void {
  const verdict = solveAll(system, givenOf(system, honest));
  expect(verdict).toEqual({ kind: 'solutions', solutions: [honest] });
}

/** Neither route has a witness for another first output, whatever its hints are. */
function expectSameLies({ ours, circom }: Routes, own: readonly bigint[], other: readonly bigint[]): void {
  const step = 1n << 240n;
  for (const lie of [own[1] + step, own[1] - step, own[1] + 1n, -own[1] - 1n, own[1] + (1n << 253n)]) {
    for (const [system, honest] of [
      [ours.system, own],
      [circom.system, other],
    ] as const) {
      const verdict = solveAll(system, givenOf(system, honest).set(1, lie));
      expect(verdict, `output ${lie} instead of ${own[1]}`).toEqual({ kind: 'solutions', solutions: [] });
    }
  }
}

/** Public and private inputs; outputs and hints are the prover's to choose. */
function givenOf(system: System, witness: readonly bigint[]): Map<number, bigint> {
  const end = 1 + publicCount(system) + system.privateInputs;
  const wires = Array.from({ length: end - 1 - system.outputs }, (_, i) => 1 + system.outputs + i);
  return new Map(wires.map((wire) => [wire, witness[wire]]));
}

function valuesOf(system: System, witness: Parameters<typeof elementAt>[0]): bigint[] {
  return Array.from({ length: system.wires }, (_, wire): bigint => elementAt(witness, wire));
}

function isProvable(compute: () => unknown): boolean {
  try {
    compute();
    return true;
  } catch (error) {
    if (error instanceof RangeOverflowError) return false;
    throw error;
  }
}
