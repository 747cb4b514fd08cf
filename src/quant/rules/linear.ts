import { InternalError } from '../../errors.ts';
import { applyMap } from '../../graph/kernels/movement.ts';
import { isInteger, isReal } from '../../tensor/dtype.ts';
import { align } from '../align.ts';
import { canReadColumns } from '../column-grids.ts';
import { elementGrid } from '../columns.ts';
import { isPending, type Rule, targetScale } from '../context.ts';
import { computed, plain } from '../values.ts';

export const quantiseInput: Rule<'input'> = (context, node) => {
  const grid = context.grid(node.name);
  if (grid.columns !== undefined && !canReadColumns(context.graph, context.id, grid.columns.length)) {
    throw new InternalError(`input "${node.name}" has a grid per column, which what reads it cannot use`);
  }
  const size = node.shape.reduce((product, dim) => product * dim, 1);
  const seen = node.visibility === undefined ? {} : { visibility: node.visibility };
  const id = context.q.push({ kind: 'input', inputs: [], shape: node.shape, name: node.name, ...grid, ...seen });
  const error = Float64Array.from({ length: size }, (_, i) => {
    return isReal(node.dtype) ? elementGrid(grid, i).scale / 2 : 0;
  });
  return { id, zero: grid.zero, error };
};

export const quantiseConst: Rule<'const'> = (_context, node) => ({ constant: node.data });

export const quantiseMap: Rule<'map'> = (context, node) => {
  const single = context.operands.length === 1 && node.fill === 0 ? context.operands[0] : undefined;
  if (single !== undefined && !isPending(single) && single.zero === 0) {
    const { scale } = context.q.node(single.id);
    return computed(
      context,
      { kind: 'map', inputs: [single.id], shape: node.shape, scale, source: node.source, fill: 0 },
      applyMap(node.source, 0, [single.error]),
    );
  }
  const { values, scale } = align(context, targetScale(context, context.id));
  const fill = Math.round(node.fill / scale) + 0;
  const fillError = Math.abs(node.fill - fill * scale);
  return computed(
    context,
    { kind: 'map', inputs: values.map((v) => v.id), shape: node.shape, scale, source: node.source, fill },
    applyMap(
      node.source,
      fillError,
      values.map((v) => v.error),
    ),
  );
};

/** One operand: a factor changes the scale and costs no bit. Several: all come to one scale first. */
export const quantiseAdd: Rule<'add'> = (context, node) => {
  const [only] = context.operands;
  if (context.operands.length === 1 && !isPending(only)) {
    const [factor] = node.coefficients;
    if (factor === 0 || isInteger(node.dtype)) return addAligned(context, node);
    const x = plain(context, only);
    const scale = context.q.node(x.id).scale * Math.abs(factor);
    const coefficients = [Math.sign(factor)];
    const error = x.error.map((e) => e * Math.abs(factor));
    return computed(context, { kind: 'add', inputs: [x.id], shape: node.shape, scale, coefficients }, error);
  }
  return addAligned(context, node);
};

const addAligned: Rule<'add'> = (context, node) => {
  const scaled = scaleOperands(context, node);
  const { operands, coefficients } = scaled;
  const gains = isInteger(node.dtype) ? undefined : coefficients;
  const { values, scale } = align({ ...context, operands }, targetScale(context, context.id) / 4, undefined, gains);
  const error = new Float64Array(values[0]?.error.length ?? 0);
  values.forEach((value, j) => {
    const c = Math.abs(scaled.coefficients[j]);
    for (let i = 0; i < error.length; i++) error[i] += c * value.error[i];
  });
  const { shape } = node;
  const inputs = values.map((v) => v.id);
  return computed(context, { kind: 'add', inputs, shape, scale, coefficients: scaled.coefficients }, error);
};

/** Turns non-integer coefficients into scales, so that what remains to add has coefficients ±1 (or small integers). */
function scaleOperands(context: Parameters<Rule<'add'>>[0], node: Parameters<Rule<'add'>>[1]) {
  const coefficients: number[] = [];
  const operands = context.operands.map((value, j) => {
    const factor = node.coefficients[j];
    if (Number.isInteger(factor)) {
      coefficients.push(factor);
      return value;
    }
    coefficients.push(1);
    if (isPending(value)) return { constant: value.constant.map((v) => v * factor) };
    const x = plain(context, value);
    const source = context.q.node(x.id);
    return computed(
      context,
      {
        kind: 'add',
        inputs: [x.id],
        shape: source.shape,
        scale: source.scale * Math.abs(factor),
        coefficients: [Math.sign(factor)],
      },
      x.error.map((e) => e * Math.abs(factor)),
    );
  });
  if (operands.length === 0) throw new InternalError('an addition without operands');
  return { operands, coefficients };
}
