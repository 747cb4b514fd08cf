import type { FunctionNode } from '../../graph/graph.ts';
import type { OnnxWriter, Written } from './onnx-writer.ts';
import { CannotRewriteError } from './rewrite-error.ts';

/** Functions that ONNX and EZKL both have. */
const PLAIN: Readonly<Record<string, string | undefined>> = {
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  exp: 'Exp',
  log: 'Log',
  erf: 'Erf',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  asin: 'Asin',
  acos: 'Acos',
  atan: 'Atan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  asinh: 'Asinh',
  acosh: 'Acosh',
  atanh: 'Atanh',
};

export function rewriteFunction(w: OnnxWriter, { fn }: FunctionNode, x: Written): Written {
  const { shape } = x;
  const plain = PLAIN[fn.name];
  const scalar = (value: number) => w.constant([value], [1]);
  const times = (a: Written, b: Written) => w.node('Mul', [a, b], shape);
  const plus = (a: Written, b: Written) => w.node('Add', [a, b], shape);
  const apply = (op: string, a: Written) => w.node(op, [a], shape);
  if (plain !== undefined) return apply(plain, x);
  const [first = 1] = fn.parameters;
  switch (fn.name) {
    case 'gelu': {
      const erf = apply('Erf', times(x, scalar(Math.SQRT1_2)));
      return times(times(x, scalar(0.5)), plus(erf, scalar(1)));
    }
    case 'geluTanh': {
      const cube = times(times(x, x), x);
      const inner = times(plus(x, times(cube, scalar(0.044715))), scalar(Math.sqrt(2 / Math.PI)));
      return times(times(x, scalar(0.5)), plus(apply('Tanh', inner), scalar(1)));
    }
    case 'silu':
      return times(x, apply('Sigmoid', times(x, scalar(first))));
    case 'softplus':
      return apply('Log', plus(apply('Exp', x), scalar(1)));
    case 'rsqrt':
      return w.node('Div', [scalar(1), apply('Sqrt', x)], shape);
    case 'power':
      return w.node('Pow', [x, scalar(first)], shape);
    default:
      throw new CannotRewriteError(`the function ${fn.name}`);
  }
}
