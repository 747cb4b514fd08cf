import type { GraphBuilder, ValueId } from '../graph/builder.ts';
import { apply, clip, combine, relu, scale } from '../graph/compose/arithmetic.ts';
import type { Attributes } from './attributes.ts';
import { UnsupportedError } from './unsupported.ts';

/** An activation of a recurrent cell, with its parameters bound. */
export type Activation = (b: GraphBuilder, x: ValueId) => ValueId;

interface Form {
  /** Defaults of the parameters the activation consumes; `null` where the operator defines none. */
  readonly alpha?: number | null;
  readonly beta?: number | null;
  readonly apply: (b: GraphBuilder, x: ValueId, alpha: number, beta: number) => ValueId;
}

const forms: Readonly<Record<string, Form>> = {
  relu: { apply: (b, x) => relu(b, x) },
  tanh: { apply: (b, x) => apply(b, x, 'tanh') },
  sigmoid: { apply: (b, x) => apply(b, x, 'sigmoid') },
  softsign: { apply: (b, x) => apply(b, x, 'softsign') },
  softplus: { apply: (b, x) => apply(b, x, 'softplus') },
  elu: { alpha: 1, apply: (b, x, alpha) => apply(b, x, 'elu', alpha) },
  affine: { alpha: null, beta: null, apply: (b, x, alpha, beta) => scale(b, x, alpha, beta) },
  leakyrelu: { alpha: 0.01, apply: (b, x, alpha) => combine(b, [relu(b, x), x], [1 - alpha, alpha]) },
  scaledtanh: {
    alpha: null,
    beta: null,
    apply: (b, x, alpha, beta) => scale(b, apply(b, scale(b, x, beta), 'tanh'), alpha),
  },
  hardsigmoid: { alpha: 0.2, beta: 0.5, apply: (b, x, alpha, beta) => clip(b, scale(b, x, alpha, beta), 0, 1) },
};

/** The activations of each direction in order; parameters are consumed in the order of those that have any. */
export function readActivations(
  attributes: Attributes,
  defaults: readonly string[],
  directions: number,
): Activation[][] {
  const all = Array.from({ length: directions }, () => defaults).flat();
  const names = attributes.strings('activations', all);
  if (names.length !== all.length) {
    throw new UnsupportedError(`${names.length} activations are named, expected ${all.length}`, 'Re-export the model.');
  }
  const alphas = [...attributes.floats('activation_alpha', [])];
  const betas = [...attributes.floats('activation_beta', [])];
  const bound = names.map((name) => bind(name, alphas, betas));
  return Array.from({ length: directions }, (_, d) => bound.slice(d * defaults.length, (d + 1) * defaults.length));
}

function bind(name: string, alphas: number[], betas: number[]): Activation {
  const form = forms[name.toLowerCase()];
  if (form === undefined) {
    const known = Object.keys(forms).join(', ');
    throw new UnsupportedError(`activation "${name}" is not supported`, `Supported activations: ${known}.`);
  }
  const alpha = parameter(name, 'alpha', form.alpha, alphas);
  const beta = parameter(name, 'beta', form.beta, betas);
  return (b, x) => form.apply(b, x, alpha, beta);
}

function parameter(name: string, which: string, fallback: number | null | undefined, given: number[]): number {
  if (fallback === undefined) return 0;
  const value = given.shift() ?? fallback;
  if (value !== null) return value;
  throw new UnsupportedError(`activation "${name}" needs activation_${which}`, 'Give it; it has no default.');
}
