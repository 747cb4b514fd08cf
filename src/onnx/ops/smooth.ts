import { apply } from '../../graph/compose/arithmetic.ts';
import type { SmoothName } from '../../graph/smooth.ts';
import { isReal } from '../../tensor/dtype.ts';
import { input, type OpContext, type OpHandler, type OpTable } from '../op.ts';
import { UnsupportedError } from '../unsupported.ts';

/** An elementwise function whose parameters are float attributes, with their defaults. */
function elementwise(name: SmoothName, defaults: Readonly<Record<string, number>> = {}): OpHandler {
  return (context) => {
    const parameters = Object.entries(defaults).map(([key, value]) => context.attributes.float(key, value));
    return [apply(context.b, realInput(context), name, ...parameters)];
  };
}

function realInput(context: OpContext): number {
  const x = input(context, 0);
  if (isReal(context.b.dtype(x))) return x;
  throw new UnsupportedError(
    `operand 0 is ${context.b.dtype(x)}, expected a floating-point type`,
    'Cast it to float32 before this operator.',
  );
}

function gelu(context: OpContext): number[] {
  const approximation = context.attributes.string('approximate', 'none');
  if (approximation !== 'none' && approximation !== 'tanh') {
    throw new UnsupportedError(`approximation "${approximation}" is unknown`, 'Use "none" or "tanh".');
  }
  return [apply(context.b, realInput(context), approximation === 'tanh' ? 'geluTanh' : 'gelu')];
}

/** Before opset 6 the defaults were rounded. */
function selu(context: OpContext): number[] {
  const { attributes, opset } = context;
  const alpha = attributes.float('alpha', opset < 6 ? 1.6732 : 1.6732631921768188);
  const gamma = attributes.float('gamma', opset < 6 ? 1.0507 : 1.0507010221481323);
  return [apply(context.b, realInput(context), 'selu', alpha, gamma)];
}

export const ops: OpTable = {
  Sigmoid: elementwise('sigmoid'),
  Tanh: elementwise('tanh'),
  Exp: elementwise('exp'),
  Log: elementwise('log'),
  Erf: elementwise('erf'),
  Gelu: gelu,
  Softplus: elementwise('softplus'),
  Softsign: elementwise('softsign'),
  Elu: elementwise('elu', { alpha: 1 }),
  Selu: selu,
  Celu: elementwise('celu', { alpha: 1 }),
  Mish: elementwise('mish'),
  Swish: elementwise('silu', { alpha: 1 }),
  Sin: elementwise('sin'),
  Cos: elementwise('cos'),
  Tan: elementwise('tan'),
  Asin: elementwise('asin'),
  Acos: elementwise('acos'),
  Atan: elementwise('atan'),
  Sinh: elementwise('sinh'),
  Cosh: elementwise('cosh'),
  Asinh: elementwise('asinh'),
  Acosh: elementwise('acosh'),
  Atanh: elementwise('atanh'),
};
