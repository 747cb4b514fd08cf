import type { DType } from '../tensor/dtype.ts';

/** An ONNX model, decoded and bounded, free of protobuf. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set version by domain; '' is the standard domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  /** Model-local functions by `domain:name`. */
  readonly functions: ReadonlyMap<string, OnnxFunction>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Names that more than one initialiser has. */
  readonly repeatedInitializers: readonly string[];
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
  readonly nodes: readonly OnnxNode[];
  readonly opsets: ReadonlyMap<string, number>;
}

export interface OnnxValueInfo {
  readonly name: string;
  /** Undefined when the value is not a tensor or its type is not declared. */
  readonly dtype: DType | undefined;
  /** A number, or the name of a symbolic dimension ('' when it has none); undefined when the rank is unknown. */
  readonly dims: readonly (number | string)[] | undefined;
}

export interface OnnxNode {
  /** Never empty: an unnamed node gets its operator and position. */
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly type: 'graph'; readonly value: OnnxGraph }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensors'; readonly value: readonly OnnxTensor[] }
  | { readonly type: 'graphs'; readonly value: readonly OnnxGraph[] }
  /** Inside a function: the value of the caller's attribute of this name. */
  | { readonly type: 'reference'; readonly value: string }
  | { readonly type: 'other'; readonly value: string };

export type OnnxTensor = NumericTensor | StringTensor;

export interface NumericTensor {
  readonly name: string;
  readonly dtype: Exclude<DType, 'string'>;
  readonly dims: readonly number[];
  readonly data: Float64Array;
  /** True when a 64-bit integer lies outside ±(2^53 − 1), where float64 rounds. */
  readonly inexact: boolean;
}

export interface StringTensor {
  readonly name: string;
  readonly dtype: 'string';
  readonly dims: readonly number[];
  readonly strings: readonly string[];
}
