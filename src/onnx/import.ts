import { InternalError, VouchError } from '../errors.ts';
import { createGraphBuilder, type GraphBuilder, type ValueId } from '../graph/builder.ts';
import { constant } from '../graph/compose/movement.ts';
import type { Graph, GraphOutput } from '../graph/graph.ts';
import { sizeOf } from '../tensor/shape.ts';
import { readAttributes } from './attributes.ts';
import { checkModel, OnnxModelError, type OnnxProblem, readBy, topologicalOrder } from './check.ts';
import { bindDims, type DimBindings } from './dims.ts';
import { inlineFunctions } from './functions.ts';
import { liveValues } from './liveness.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';
import { handlerOf, supportedOps } from './ops/all.ts';
import { roundedIntegers } from './rounded-integers.ts';
import { UnsupportedError } from './unsupported.ts';

export interface ImportOptions {
  /** Values of symbolic dimensions; an unbound first dimension is taken as a batch of 1. */
  readonly dims?: DimBindings;
  /** Values of inputs that become constants of the circuit, such as a shape or axes that the model takes as inputs. */
  readonly fixed?: ReadonlyMap<string, Float64Array>;
}

/** An imported model: the float graph over primitives and what it was called in ONNX. */
export interface ImportedModel {
  readonly graph: Graph;
  /** Every ONNX node that was rewritten, in order. */
  readonly operators: readonly string[];
}

/** Rewrites an ONNX model into primitives, or reports every problem it has at once. */
export function importModel(source: OnnxModel, options: ImportOptions = {}): ImportedModel {
  const model = inlineFunctions(source);
  const structural = checkModel(model);
  if (structural.length > 0) throw new OnnxModelError(structural);
  const b = createGraphBuilder();
  const scope: Scope = { model, b, problems: [], values: new Map(), poisoned: new Set(), operators: [] };
  importInputs(scope, options);
  importInitializers(scope, model.graph);
  importNodes(scope, model.graph);
  const outputs = importOutputs(scope, model.graph);
  if (scope.problems.length > 0) throw new OnnxModelError(scope.problems);
  return { graph: b.finish(outputs), operators: scope.operators };
}

const reexport = 'Re-export the model.';

interface Scope {
  readonly model: OnnxModel;
  readonly b: GraphBuilder;
  readonly problems: OnnxProblem[];
  readonly values: Map<string, ValueId>;
  /** Values that depend on a node that failed: their consumers are skipped without a problem of their own. */
  readonly poisoned: Set<string>;
  readonly operators: string[];
}

function importInputs(scope: Scope, { dims = {}, fixed = new Map() }: ImportOptions): void {
  const { model, b, problems, values, poisoned } = scope;
  for (const info of model.graph.inputs) {
    if (model.graph.initializers.has(info.name)) continue;
    b.from({ node: info.name, op: 'Input' });
    const bound = bindDims(info, dims);
    if ('problem' in bound) {
      problems.push({ node: info.name, op: 'Input', opset: 0, ...bound.problem });
      poisoned.add(info.name);
      continue;
    }
    const { shape, dtype } = bound;
    const data = fixed.get(info.name);
    if (data === undefined) values.set(info.name, b.push({ kind: 'input', inputs: [], shape, dtype, name: info.name }));
    else if (data.length === sizeOf(shape)) values.set(info.name, constant(b, shape, data, dtype));
    else {
      const message = `is fixed to ${data.length} values, but has shape [${shape}]`;
      problems.push(problem(info.name, 'Input', 0, message, 'Give one value per element.'));
      poisoned.add(info.name);
    }
  }
}

function importInitializers({ b, problems, values, poisoned }: Scope, graph: OnnxGraph): void {
  const live = liveValues(graph);
  for (const [name, tensor] of graph.initializers) {
    if (!live.has(name)) continue;
    b.from({ node: name, op: 'Initializer' });
    if (tensor.dtype === 'string') {
      poisoned.add(name);
      problems.push(problem(name, 'Initializer', 0, 'holds strings', 'Encode strings as numbers before export.'));
      continue;
    }
    const rounded = roundedIntegers(tensor);
    if (rounded !== undefined) {
      poisoned.add(name);
      problems.push(problem(name, 'Initializer', 0, rounded.shortMessage, rounded.fix));
      continue;
    }
    values.set(name, constant(b, tensor.dims, tensor.data, tensor.dtype));
  }
}

function importNodes(scope: Scope, graph: OnnxGraph): void {
  const live = liveValues(graph);
  for (const node of topologicalOrder(graph)) {
    if (!node.outputs.some((name) => live.has(name))) continue;
    if (readBy(node).some((name) => scope.poisoned.has(name))) poison(scope, node);
    else importNode(scope, node, live);
  }
}

function importNode(scope: Scope, node: OnnxNode, live: ReadonlySet<string>): void {
  const { b, model } = scope;
  const opset = model.opsets.get(node.domain) ?? 0;
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const fail = (message: string, fix: string, input?: string): void => {
    scope.problems.push({ ...problem(node.name, op, opset, message, fix), input });
    poison(scope, node);
  };
  const handler = handlerOf(node.domain, node.op);
  if (handler === undefined) {
    return fail(
      'is not supported',
      `Replace it before export; ${supportedOps().length} operators are listed in docs/operators.md.`,
    );
  }
  b.from({ node: node.name, op: node.op });
  scope.operators.push(op);
  try {
    const outputs = handler({
      b,
      op: node.op,
      opset,
      attributes: readAttributes(node),
      inputs: node.inputs.map((name) => (name === '' ? undefined : lookup(scope, name))),
      outputCount: node.outputs.length,
      isRead: (index) => live.has(node.outputs[index] ?? ''),
      importGraph: (inner, args) => importInner(scope, inner, args),
    });
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      const output = outputs[i];
      if (output !== undefined) scope.values.set(name, output);
      else if (live.has(name)) fail(`output ${i} ("${name}") is not supported`, 'Remove this output.');
    }
  } catch (error) {
    if (!(error instanceof VouchError)) {
      throw new InternalError(`importing ${op} "${node.name}" failed`, { cause: error });
    }
    if (error instanceof UnsupportedError) return fail(error.shortMessage, error.fix, error.input);
    fail(error.shortMessage, error.metaMessages.join(' ') || 'Check the shapes and types of the operands.');
  }
}

/** An inner graph shares the values of its surroundings; its own inputs, initialisers and nodes are added to them. */
function importInner(scope: Scope, graph: OnnxGraph, args: readonly ValueId[] = []): ValueId[] {
  const inner: Scope = { ...scope, values: new Map(scope.values), poisoned: new Set(scope.poisoned) };
  const before = scope.problems.length;
  if (args.length !== graph.inputs.length) {
    throw new UnsupportedError(
      `an inner graph takes ${graph.inputs.length} inputs, ${args.length} are given`,
      reexport,
    );
  }
  for (const [i, { name }] of graph.inputs.entries()) inner.values.set(name, args[i]);
  importInitializers(inner, graph);
  importNodes(inner, graph);
  if (scope.problems.length > before)
    throw new UnsupportedError('its inner graph has problems', 'See the other lines.');
  return graph.outputs.map(({ name }) => lookup(inner, name));
}

function importOutputs(scope: Scope, graph: OnnxGraph): GraphOutput[] {
  const outputs: GraphOutput[] = [];
  for (const { name } of graph.outputs) {
    if (!scope.poisoned.has(name)) outputs.push({ name, node: lookup(scope, name) });
  }
  return outputs;
}

function lookup({ values }: Scope, name: string): ValueId {
  const id = values.get(name);
  if (id === undefined) throw new InternalError(`value "${name}" passed the structural check but does not exist`);
  return id;
}

function poison({ poisoned }: Scope, node: OnnxNode): void {
  for (const name of node.outputs) if (name !== '') poisoned.add(name);
}

function problem(node: string, op: string, opset: number, message: string, fix: string): OnnxProblem {
  return { node, op, opset, message, fix };
}
