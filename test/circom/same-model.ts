import { expect } from 'vitest';
import { emitCircom } from '../../src/circom/program.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { BigScalars, elementAt, type FieldVector } from '../../src/field/vector.ts';
import { interpret, quantiseInputs, toReal } from '../../src/quant/interpret.ts';
import { analyseRanges } from '../../src/quant/ranges.ts';
import { findUnsatisfied } from '../../src/r1cs/check.ts';
import { publicCount } from '../../src/r1cs/system.ts';
import { Random } from '../r1cs/lower/random.ts';
import { bothRoutes, expectSameWitness, productRows, type Routes } from './agree.ts';
import { compileCircom } from './compiler.ts';
import type { WholeModel } from './whole-model.ts';

/**
 * Both routes of a model have the same products, hold the interpreter's value in every element of every node, publish the
 * same and agree with onnxruntime.
 */
export async function expectSameModel(model: WholeModel): Promise<Routes> {
  const { graph } = model.quantised;
  const routes = bothRoutes(graph);
  const products = productRows(routes.ours.system);
  expect(products).toBeGreaterThan(300);
  expect(productRows(routes.circom.system)).toBe(products);
  for (const [i, sample] of model.samples.entries()) {
    const inputs = quantiseInputs(graph, sample);
    const { circom } = await expectSameWitness(routes, inputs, `sample ${i}`);
    expectFloats(model, i, interpret(graph, inputs));
    if (i === 0) expectLiesRejected(routes, circom);
  }
  return routes;
}

/** circom's own elimination leaves nothing but the products. */
export function expectReduced({ graph, ours }: Routes): void {
  const reduced = compileCircom(emitCircom(graph, analyseRanges(graph)), 'O2');
  expect(reduced.system.rows, 'constraints that circom cannot eliminate').toBe(productRows(ours.system));
}

/** The integers of both routes are as close to onnxruntime's numbers as was proved. */
function expectFloats({ quantised, answers }: WholeModel, sample: number, values: readonly Float64Array[]): void {
  const { graph, outputErrors } = quantised;
  for (const [o, { name, node }] of graph.outputs.entries()) {
    const wanted = answers[sample].get(name) ?? [];
    const got = toReal(graph.nodes[node], values[node]);
    expect(got.length).toBe(wanted.length);
    for (const [i, v] of wanted.entries()) {
      expect(Math.abs(got[i] - v), `${name}[${i}]`).toBeLessThanOrEqual(outputErrors[o][i] + 1e-5 * (1 + Math.abs(v)));
    }
  }
}

/** No wire of circom's witness, inputs aside, can hold another value alone. */
function expectLiesRejected({ circom: { system } }: Routes, honest: FieldVector): void {
  const random = new Random(9);
  const first = 1 + publicCount(system) + system.privateInputs;
  for (let told = 0; told < 120; told++) {
    const wire = told < system.outputs ? 1 + told : random.int(first, system.wires - 1);
    const value: bigint = elementAt(honest, wire);
    for (const lie of [value + 1n, value - 1n, 1n - value, value + (1n << 64n)]) {
      if (toScalar(lie) === value) continue;
      const big = new BigScalars();
      for (const known of honest.big) big.entry(known);
      const entries = honest.entries.with(wire, big.entry(toScalar(lie)));
      const broken = findUnsatisfied(system, { entries, big: big.values });
      expect(broken, `wire ${wire} = ${lie} instead of ${value}`).toBeDefined();
    }
  }
}
