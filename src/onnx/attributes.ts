import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './model.ts';
import { UnsupportedError } from './unsupported.ts';

/** Typed access to a node's attributes, with the defaults the operator's definition gives. */
export interface Attributes {
  has(name: string): boolean;
  int(name: string, fallback?: number): number;
  float(name: string, fallback?: number): number;
  string(name: string, fallback?: string): string;
  ints(name: string, fallback?: readonly number[]): readonly number[];
  floats(name: string, fallback?: readonly number[]): readonly number[];
  strings(name: string, fallback?: readonly string[]): readonly string[];
  tensor(name: string): OnnxTensor;
  graph(name: string): OnnxGraph;
}

export function readAttributes(node: OnnxNode): Attributes {
  function get<T extends OnnxAttribute['type']>(
    name: string,
    type: T,
  ): Extract<OnnxAttribute, { type: T }> | undefined {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) throw wrongType(name, type, attribute.type);
    return attribute as Extract<OnnxAttribute, { type: T }>;
  }
  function value<V>(name: string, found: V | undefined, fallback: V | undefined): V {
    const result = found ?? fallback;
    if (result === undefined) throw new UnsupportedError(`attribute "${name}" is missing`, 'Re-export the model.');
    return result;
  }
  return {
    has: (name) => node.attributes.has(name),
    int: (name, fallback) => value(name, get(name, 'int')?.value, fallback),
    float: (name, fallback) => value(name, get(name, 'float')?.value, fallback),
    string: (name, fallback) => value(name, get(name, 'string')?.value, fallback),
    ints: (name, fallback) => value(name, get(name, 'ints')?.value, fallback),
    floats: (name, fallback) => value(name, get(name, 'floats')?.value, fallback),
    strings: (name, fallback) => value(name, get(name, 'strings')?.value, fallback),
    tensor: (name) => value(name, get(name, 'tensor')?.value, undefined),
    graph: (name) => value(name, get(name, 'graph')?.value, undefined),
  };
}

function wrongType(name: string, expected: string, got: string): UnsupportedError {
  return new UnsupportedError(`attribute "${name}" is a ${got}, expected a ${expected}`, 'Re-export the model.');
}
