import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import type { Attributes } from './attributes.ts';
import type { OnnxGraph } from './model.ts';
import { UnsupportedError } from './unsupported.ts';

/** What an operator's handler sees of its ONNX node: operands already imported, attributes typed on access. */
export interface OpContext {
  readonly b: GraphBuilder;
  readonly op: string;
  readonly opset: number;
  readonly attributes: Attributes;
  /** Operand values; `undefined` for an omitted optional operand. */
  readonly inputs: readonly (ValueId | undefined)[];
  /** How many outputs the node names (trailing ones may be unused). */
  readonly outputCount: number;
  /** Whether anything the model returns depends on this output of the node. */
  isRead(index: number): boolean;
  /** Imports a subgraph (a branch of If) that may read the values of the enclosing graph; `args` are its inputs. */
  importGraph(graph: OnnxGraph, args?: readonly ValueId[]): ValueId[];
}

/** Rewrites one ONNX operator into primitives and returns its outputs in order, `undefined` for one it cannot give. */
export type OpHandler = (context: OpContext) => readonly (ValueId | undefined)[];

/** Handlers by operator name; one table per file of an operator family. */
export type OpTable = Readonly<Record<string, OpHandler>>;

/** A required operand. */
export function input(context: OpContext, index: number): ValueId {
  const id = context.inputs[index];
  if (id === undefined)
    throw new UnsupportedError(`operand ${index} is missing`, 'The model is malformed; re-export it.');
  return id;
}

/** The operands of an operator that takes any number of them, at least one. */
export function allInputs(context: OpContext): ValueId[] {
  return Array.from({ length: Math.max(1, context.inputs.length) }, (_, i) => input(context, i));
}

export const inputShape = (context: OpContext, index: number): Shape => context.b.shape(input(context, index));

/** An optional operand. */
export const optional = (context: OpContext, index: number): ValueId | undefined => context.inputs[index];

/** The data of an operand that must be known at compile time, such as a shape or axes. */
export function constantInput(context: OpContext, index: number, what: string): Float64Array {
  const id = input(context, index);
  if (sizeOf(context.b.shape(id)) === 0) return new Float64Array();
  const data = context.b.constant(id);
  if (data !== undefined) return data;
  const name = sourceInput(context.b, id);
  throw new UnsupportedError(
    `${what} (operand ${index}) is computed at run time`,
    name === undefined
      ? `Make ${what} a constant or initialiser: a circuit has a fixed structure.`
      : `Fix the model input "${name}" at compile time: a circuit has a fixed structure.`,
    name,
  );
}

/** More axes than any model has; a constant can claim millions. */
const maxRank = 64;

/** A constant operand with a few numbers per axis: a shape, axes, pads. */
export function axisList(context: OpContext, index: number, what: string): number[] {
  const data = constantInput(context, index, what);
  if (data.length > 2 * maxRank) {
    throw new UnsupportedError(
      `${what} (operand ${index}) has ${data.length} numbers`,
      `No more than ${maxRank} axes.`,
    );
  }
  return [...data];
}

/** The one model input that a value is made of by operations on it alone. */
function sourceInput(b: GraphBuilder, id: ValueId): string | undefined {
  const node = b.node(id);
  if (node.kind === 'input') return node.name;
  return node.inputs.length === 1 ? sourceInput(b, node.inputs[0]) : undefined;
}

/** Like `constantInput`, for an optional operand. */
export function optionalConstant(context: OpContext, index: number, what: string): Float64Array | undefined {
  return context.inputs[index] === undefined ? undefined : constantInput(context, index, what);
}
