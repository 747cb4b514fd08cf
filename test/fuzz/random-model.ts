import type { TestModel, TestNode, TestTensor } from './onnx-model.ts';

/** A value of the model being grown. All are float32 of a small shape. */
interface Grown {
  readonly name: string;
  readonly shape: readonly number[];
}

type Random = () => number;

interface Growth {
  readonly random: Random;
  readonly nodes: TestNode[];
  readonly initializers: TestTensor[];
  readonly values: Grown[];
}

/**
 * A random small network: each step applies one operator to values made before. Shapes stay small and values bounded
 * (unbounded growth is squashed), so that every model is one that a quantiser should take.
 */
export function randomModel(random: Random, steps: number, supported: ReadonlySet<string>): TestModel {
  const growth: Growth = { random, nodes: [], initializers: [], values: [] };
  const shape = pick(random, [
    [1, 8],
    [2, 6],
    [1, 2, 4, 4],
    [3, 5],
    [1, 4, 6],
  ]);
  growth.values.push({ name: 'x', shape });
  const moves = Object.entries(operators).filter(([op]) => supported.has(`:${op}`));
  for (let step = 0; step < steps; step++) {
    const [, grow] = pick(random, moves);
    const from = random() < 0.7 ? growth.values[growth.values.length - 1] : pick(random, growth.values);
    grow(growth, from);
  }
  const last = growth.values[growth.values.length - 1];
  return {
    inputs: [{ name: 'x', shape }],
    outputs: [last.name === 'x' ? emit(growth, 'Identity', [last.name], last.shape).name : last.name],
    initializers: growth.initializers,
    nodes: growth.nodes,
  };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)];
}

function emit(
  growth: Growth,
  op: string,
  inputs: readonly string[],
  shape: readonly number[],
  attributes: TestNode['attributes'] = {},
): Grown {
  const value = { name: `v${growth.nodes.length}`, shape };
  growth.nodes.push({ op, inputs, outputs: [value.name], attributes });
  growth.values.push(value);
  return value;
}

function weights(growth: Growth, shape: readonly number[], spread = 1): string {
  const name = `w${growth.initializers.length}`;
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Array.from({ length: size }, () => Math.fround((growth.random() * 2 - 1) * spread));
  growth.initializers.push({ name, shape, data });
  return name;
}

function indices(growth: Growth, data: readonly number[]): string {
  const name = `i${growth.initializers.length}`;
  growth.initializers.push({ name, shape: [data.length], data, type: 'int64' });
  return name;
}

type Grow = (growth: Growth, x: Grown) => void;

const unary =
  (op: string, attributes: TestNode['attributes'] = {}): Grow =>
  (growth, x) => {
    emit(growth, op, [x.name], x.shape, attributes);
  };

const binary =
  (op: string): Grow =>
  (growth, x) => {
    const partner = growth.values.filter(({ shape }) => shape.join() === x.shape.join());
    const other = growth.random() < 0.5 ? pick(growth.random, partner).name : weights(growth, x.shape);
    emit(growth, op, [x.name, other], x.shape);
  };

/** Operators whose second operand must not cross zero get one that is at least 1. */
function safeDivide(growth: Growth, x: Grown): void {
  const magnitude = emit(growth, 'Abs', [x.name], x.shape);
  const one = `one${growth.initializers.length}`;
  growth.initializers.push({ name: one, shape: [1], data: [1] });
  const divisor = emit(growth, 'Add', [magnitude.name, one], x.shape);
  emit(growth, 'Div', [x.name, divisor.name], x.shape);
}

const operators: Readonly<Record<string, Grow>> = {
  Relu: unary('Relu'),
  LeakyRelu: unary('LeakyRelu', { alpha: { float: 0.25 } }),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Identity: unary('Identity'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  HardSigmoid: unary('HardSigmoid'),
  Softplus: unary('Softplus'),
  Elu: unary('Elu'),
  Erf: unary('Erf'),
  Sin: unary('Sin'),
  Softmax: unary('Softmax', { axis: -1 }),
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: (growth, x) => binary('Mul')(growth, emit(growth, 'Tanh', [x.name], x.shape)),
  Max: binary('Max'),
  Min: binary('Min'),
  Div: safeDivide,
  Sqrt: (growth, x) => {
    const magnitude = emit(growth, 'Abs', [x.name], x.shape);
    emit(growth, 'Sqrt', [magnitude.name], x.shape);
  },
  Gemm: (growth, x) => {
    if (x.shape.length !== 2) return;
    const outs = 1 + Math.floor(growth.random() * 6);
    emit(
      growth,
      'Gemm',
      [x.name, weights(growth, [x.shape[1], outs], 0.7), weights(growth, [outs])],
      [x.shape[0], outs],
    );
  },
  MatMul: (growth, x) => {
    if (x.shape.length < 2) return;
    const depth = x.shape[x.shape.length - 1];
    const order = x.shape.map((_, i) => i);
    order.splice(-2, 2, x.shape.length - 1, x.shape.length - 2);
    const flipped = order.map((axis) => x.shape[axis]);
    const t = emit(growth, 'Transpose', [x.name], flipped, { perm: order });
    const rows = x.shape[x.shape.length - 2];
    const squashed = emit(growth, 'Tanh', [t.name], flipped);
    const left = emit(growth, 'Tanh', [x.name], x.shape);
    emit(growth, 'MatMul', [left.name, squashed.name], [...x.shape.slice(0, -1), rows]);
    if (depth === 0) return;
  },
  Conv: (growth, x) => {
    if (x.shape.length !== 4 || x.shape[2] < 2 || x.shape[3] < 2) return;
    const [n, c, h, w] = x.shape;
    const outs = 1 + Math.floor(growth.random() * 3);
    const name = weights(growth, [outs, c, 2, 2], 0.7);
    emit(growth, 'Conv', [x.name, name, weights(growth, [outs])], [n, outs, h - 1, w - 1]);
  },
  MaxPool: (growth, x) => {
    if (x.shape.length !== 4 || x.shape[2] < 2 || x.shape[3] < 2) return;
    const [n, c, h, w] = x.shape;
    emit(growth, 'MaxPool', [x.name], [n, c, h - 1, w - 1], { kernel_shape: [2, 2] });
  },
  AveragePool: (growth, x) => {
    if (x.shape.length !== 4 || x.shape[2] < 2 || x.shape[3] < 2) return;
    const [n, c, h, w] = x.shape;
    emit(growth, 'AveragePool', [x.name], [n, c, h - 1, w - 1], { kernel_shape: [2, 2] });
  },
  Flatten: (growth, x) => {
    if (x.shape.length < 3) return;
    emit(growth, 'Flatten', [x.name], [x.shape[0], x.shape.slice(1).reduce((p, d) => p * d, 1)]);
  },
  Transpose: (growth, x) => {
    const perm = x.shape.map((_, i) => i).reverse();
    emit(
      growth,
      'Transpose',
      [x.name],
      perm.map((axis) => x.shape[axis]),
      { perm },
    );
  },
  Concat: (growth, x) => {
    if (x.shape.reduce((p, d) => p * d, 1) > 64) return;
    emit(growth, 'Concat', [x.name, x.name], [...x.shape.slice(0, -1), x.shape[x.shape.length - 1] * 2], { axis: -1 });
  },
  Slice: (growth, x) => {
    const last = x.shape[x.shape.length - 1];
    if (last < 3) return;
    const inputs = [x.name, indices(growth, [1]), indices(growth, [last]), indices(growth, [-1])];
    emit(growth, 'Slice', inputs, [...x.shape.slice(0, -1), last - 1]);
  },
  ReduceMean: (growth, x) => {
    emit(growth, 'ReduceMean', [x.name], [...x.shape.slice(0, -1), 1], { axes: [-1] });
  },
  ReduceMax: (growth, x) => {
    emit(growth, 'ReduceMax', [x.name], [...x.shape.slice(0, -1), 1], { axes: [-1] });
  },
};
