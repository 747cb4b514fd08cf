import type { QGraph, Range } from '../quant/qgraph.ts';
import type { InputVisibility, OutputVisibility } from '../tensor/visibility.ts';
import { type Packing, packingOf } from './packing.ts';
import type { Interface } from './system.ts';

/** A tensor of the interface: its words are `signals` public wires from `signal` on, or its commitment is the only one. */
export interface Published extends Packing {
  readonly name: string;
  readonly node: number;
  readonly signal: number;
  readonly signals: number;
  /** Wire of the salt of a hashed tensor. */
  readonly salt: number | undefined;
}

export interface PublishedOutput extends Published {
  readonly visibility: OutputVisibility;
}

export interface PublishedInput extends Published {
  readonly visibility: InputVisibility;
  /** First wire of the elements. */
  readonly first: number;
}

/** Wires in this order: 1, signals of outputs, the binding, signals of inputs, elements of inputs, salts. */
export interface InterfacePlan {
  readonly outputs: readonly PublishedOutput[];
  readonly binding: number;
  readonly inputs: readonly PublishedInput[];
  readonly shape: Interface;
}

export function planInterface({ nodes, outputs }: QGraph, ranges: readonly Range[]): InterfacePlan {
  let wire = 1;
  const take = (count: number): number => {
    wire += count;
    return wire - count;
  };
  const outputSignals = outputs.map(({ name, node, visibility = 'public' }) => {
    const packing = packingOf(ranges[node]);
    const signals = visibility === 'hashed' ? 1 : packing.words;
    return { name, node, visibility, ...packing, signal: take(signals), signals };
  });
  const binding = take(1);
  const inputSignals = nodes.flatMap((node, id) => {
    if (node.kind !== 'input') return [];
    const { name, visibility = 'private' } = node;
    const packing = packingOf(ranges[id]);
    const signals = { private: 0, public: packing.words, hashed: 1 }[visibility];
    return [{ name, node: id, visibility, ...packing, signal: take(signals), signals }];
  });
  const signals = wire - 1;
  const elements = inputSignals.map((input) => ({ ...input, first: take(input.size) }));
  const withSalt = <T extends { readonly visibility: string }>(tensor: T) => {
    return { ...tensor, salt: tensor.visibility === 'hashed' ? take(1) : undefined };
  };
  const [publishedOutputs, inputs] = [outputSignals.map(withSalt), elements.map(withSalt)];
  return {
    outputs: publishedOutputs,
    binding,
    inputs,
    shape: { outputs: binding - 1, publicInputs: signals - binding + 1, privateInputs: wire - 1 - signals },
  };
}
