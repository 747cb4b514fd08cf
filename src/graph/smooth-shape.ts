import { InternalError } from '../errors.ts';
import { type SmoothFunction, type SmoothName, smooth, smoothOf } from './smooth.ts';

/** A straight line slope·x + offset. */
export interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** A line the function approaches, ever closer from `from` outwards. */
export interface Tail extends Line {
  readonly from: number;
}

/** What is known of a smooth function beyond its values; enough to bound errors rigorously. */
export interface SmoothShape {
  /** The function is defined on [domain.lo, domain.hi], ends excluded where `open`. */
  readonly domain: { readonly lo: number; readonly hi: number; readonly open: boolean };
  readonly derivative: (x: number) => number;
  /** Where |f′| has a local maximum; elsewhere an interval's maximum is at one of its ends. */
  readonly steepest: readonly number[];
  readonly below: Tail | undefined;
  readonly above: Tail | undefined;
}

type Entry = Partial<Omit<SmoothShape, 'derivative'>> & {
  readonly slope: (x: number, ...parameters: number[]) => number;
};

const everywhere = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY, open: false };
const positive = { lo: 0, hi: Number.POSITIVE_INFINITY, open: true };
const flat = (offset: number, from: number): Tail => ({ slope: 0, offset, from });
const identityFrom = (from: number): Tail => ({ slope: 1, offset: 0, from });

const logistic = (x: number): number => smooth.sigmoid(x);
const sech2 = (x: number): number => 1 - Math.tanh(x) ** 2;
const gauss = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const geluRate = Math.sqrt(2 / Math.PI);

function siluSlope(x: number, alpha: number): number {
  const s = logistic(alpha * x);
  return s + alpha * x * s * (1 - s);
}

function geluTanhSlope(x: number): number {
  const t = Math.tanh(geluRate * (x + 0.044715 * x ** 3));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * geluRate * (1 + 3 * 0.044715 * x * x);
}

function mishSlope(x: number): number {
  const t = Math.tanh(smooth.softplus(x));
  return t + x * (1 - t * t) * logistic(x);
}

/** Extremes of the derivatives of gelu, silu and mish: roots of their second derivatives, to 1e-9. */
const siluPeak = 2.3993572805;
const mishPeaks = [-2.2563763964, 1.4905711795];
const geluTanhPeaks = [-1.4185040088, 1.4185040088];

const entries: Readonly<Record<SmoothName, (...parameters: number[]) => Entry>> = {
  sigmoid: () => ({ slope: (x) => logistic(x) * logistic(-x), steepest: [0], below: flat(0, 0), above: flat(1, 0) }),
  tanh: () => ({ slope: sech2, steepest: [0], below: flat(-1, 0), above: flat(1, 0) }),
  erf: () => ({
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    steepest: [0],
    below: flat(-1, 0),
    above: flat(1, 0),
  }),
  exp: () => ({ slope: Math.exp, below: flat(0, 0) }),
  log: () => ({ domain: positive, slope: (x) => 1 / x }),
  gelu: () => ({
    slope: (x) => 0.5 * (1 + smooth.erf(x / Math.SQRT2)) + x * gauss(x),
    steepest: [-Math.SQRT2, Math.SQRT2],
    below: flat(0, -1),
    above: identityFrom(1),
  }),
  geluTanh: () => ({ slope: geluTanhSlope, steepest: geluTanhPeaks, below: flat(0, -1), above: identityFrom(1) }),
  silu: (alpha) => {
    if (!(alpha > 0)) throw new InternalError(`silu with alpha = ${alpha} has no shape`);
    const peak = siluPeak / alpha;
    return { slope: siluSlope, steepest: [-peak, peak], below: flat(0, -2 / alpha), above: identityFrom(2 / alpha) };
  },
  softplus: () => ({ slope: logistic, below: flat(0, 0), above: identityFrom(0) }),
  softsign: () => ({
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
    steepest: [0],
    below: flat(-1, 0),
    above: flat(1, 0),
  }),
  elu: (alpha) => ({
    slope: (x) => (x < 0 ? Math.abs(alpha) * Math.exp(x) : x > 0 ? 1 : Math.max(1, Math.abs(alpha))),
    steepest: [0],
    below: flat(-alpha, 0),
    above: identityFrom(0),
  }),
  selu: (alpha, gamma) => ({
    slope: (x) => Math.abs(gamma) * (x < 0 ? Math.abs(alpha) * Math.exp(x) : x > 0 ? 1 : Math.max(1, Math.abs(alpha))),
    steepest: [0],
    below: flat(-alpha * gamma, 0),
    above: { slope: gamma, offset: 0, from: 0 },
  }),
  celu: (alpha) => ({
    slope: (x) => (x < 0 ? Math.exp(x / alpha) : 1),
    steepest: [0],
    below: alpha > 0 ? flat(-alpha, 0) : undefined,
    above: identityFrom(0),
  }),
  mish: () => ({ slope: mishSlope, steepest: mishPeaks, below: flat(0, -2), above: identityFrom(2) }),
  sin: () => ({ slope: () => 1 }),
  cos: () => ({ slope: () => 1 }),
  tan: () => ({ slope: (x) => 1 / Math.cos(x) ** 2 }),
  asin: () => ({ domain: { lo: -1, hi: 1, open: false }, slope: (x) => 1 / Math.sqrt(1 - x * x) }),
  acos: () => ({ domain: { lo: -1, hi: 1, open: false }, slope: (x) => -1 / Math.sqrt(1 - x * x) }),
  atan: () => ({
    slope: (x) => 1 / (1 + x * x),
    steepest: [0],
    below: flat(-Math.PI / 2, 0),
    above: flat(Math.PI / 2, 0),
  }),
  sinh: () => ({ slope: Math.cosh }),
  cosh: () => ({ slope: Math.sinh }),
  asinh: () => ({ slope: (x) => 1 / Math.sqrt(1 + x * x), steepest: [0] }),
  acosh: () => ({
    domain: { lo: 1, hi: Number.POSITIVE_INFINITY, open: false },
    slope: (x) => 1 / Math.sqrt(x * x - 1),
  }),
  atanh: () => ({ domain: { lo: -1, hi: 1, open: true }, slope: (x) => 1 / (1 - x * x) }),
  power: (exponent) => ({
    domain: { ...positive, open: exponent < 0 },
    slope: (x) => exponent * x ** (exponent - 1),
    above: exponent < 0 ? flat(0, 0) : undefined,
  }),
  powerOf: (base) => ({
    slope: (x) => Math.log(base) * base ** x,
    below: base > 1 ? flat(0, 0) : undefined,
    above: base < 1 ? flat(0, 0) : undefined,
  }),
  rsqrt: () => ({ domain: positive, slope: (x) => -0.5 * x ** -1.5, above: flat(0, 0) }),
};

export function shapeOf({ name, parameters }: SmoothFunction): SmoothShape {
  const { slope, domain = everywhere, steepest = [], below, above } = entries[name](...parameters);
  const [a, b] = parameters;
  return { domain, steepest, below, above, derivative: (x) => slope(x, a, b) };
}

/** The largest |f′| on [lo, hi]; infinite where a vertical tangent is included. */
export function steepness({ derivative, steepest }: SmoothShape, lo: number, hi: number): number {
  let most = Math.max(Math.abs(derivative(lo)), Math.abs(derivative(hi)));
  for (const x of steepest) if (x > lo && x < hi) most = Math.max(most, Math.abs(derivative(x)));
  return most;
}

/**
 * A bound on |f(x) − f(x′)| for x and x′ in [lo, hi] at most `distance` apart. Where the tangent is vertical (the ends of
 * asin, acos, acosh, roots at 0) the function is steepest at the end, so that the last stretch of that length bounds all others.
 */
export function variation(fn: SmoothFunction, shape: SmoothShape, lo: number, hi: number, distance: number): number {
  if (distance === 0) return 0;
  const span = Math.min(distance, hi - lo);
  const steep = steepness(shape, lo, hi) * span;
  if (Number.isFinite(steep)) return steep;
  const f = smoothOf(fn);
  return Math.max(Math.abs(f(lo + span) - f(lo)), Math.abs(f(hi) - f(hi - span)));
}

/** The point nearest to `tail.from` outwards of which the function stays within `tolerance` of the tail. */
export function tailStart(fn: SmoothFunction, tail: Tail, direction: 1 | -1, tolerance: number): number {
  const f = smoothOf(fn);
  const deviation = (distance: number): number => {
    const x = tail.from + direction * distance;
    return Math.abs(f(x) - (tail.slope * x + tail.offset));
  };
  if (deviation(0) <= tolerance) return tail.from;
  let [near, far] = [0, 1];
  while (deviation(far) > tolerance) {
    if (far > 2 ** 60) return direction * Number.POSITIVE_INFINITY;
    [near, far] = [far, far * 2];
  }
  for (let i = 0; i < 40; i++) {
    const middle = (near + far) / 2;
    if (deviation(middle) > tolerance) near = middle;
    else far = middle;
  }
  return tail.from + direction * far;
}
