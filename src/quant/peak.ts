import { applyAffine } from '../graph/kernels/affine.ts';
import { add, matmul } from '../graph/kernels/elementwise.ts';
import { exactLimit, type QAffine, type QFunction, type QMatMul, type QNode, type Range } from './qgraph.ts';
import { treePeak } from './tree-bounds.ts';
import { extremes, halfOf } from './width.ts';

/**
 * A bound on the magnitude of every number a node's kernel computes on the way to its result, partial sums in any
 * order included: Σ|w|·max|x|, not |Σ w·x|. Below 2^53 the kernel is exact. A quick bound comes first; the precise one
 * is worked out only where the quick one does not settle it.
 */
export function peakOf(node: QNode, operands: readonly Range[]): number {
  switch (node.kind) {
    case 'affine':
      return affinePeak(node, operands[0]);
    case 'add': {
      const weights = node.coefficients.map(Math.abs);
      const quick = operands.reduce((sum, x, j) => sum + weights[j] * reach(x), 0);
      return quick < exactLimit ? quick : most(add(operands.map(reaches), weights));
    }
    case 'matmul':
      return matmulPeak(node, operands[0], operands[1]);
    case 'rescale':
    case 'round':
      return reach(operands[0]) + halfOf(node.shift);
    case 'function':
      return functionPeak(node);
    case 'divide': {
      const [x, y] = [reach(operands[0]), reach(operands[1])];
      return node.mode === 'nearest' ? 2 * node.factor * x + 3 * y : node.factor * x + 2 * y;
    }
    case 'sqrt': {
      const radicand = node.factor * reach(operands[0]);
      return radicand + 2 * Math.sqrt(radicand) + 1;
    }
    case 'bits':
      return node.op === 'wrap' ? reach(operands[0]) + 2 ** node.width : 0;
    case 'tree':
      return treePeak(node);
    default:
      return 0;
  }
}

function reach({ lo, hi }: Range): number {
  if (lo.length === 0) return 0;
  return Math.max(Math.abs(extremes(lo)[0]), Math.abs(extremes(hi)[1]));
}

function reaches({ lo, hi }: Range): Float64Array {
  return lo.map((v, i) => Math.max(Math.abs(v), Math.abs(hi[i])));
}

function most(values: Float64Array): number {
  return values.length === 0 ? 0 : extremes(values)[1];
}

function affinePeak(node: QAffine, x: Range): number {
  const weight = node.weight.map(Math.abs);
  const bias = node.bias.map(Math.abs);
  let heaviest = 0;
  for (let row = 0; row < weight.length; row += node.depth) {
    let sum = 0;
    for (let k = row; k < row + node.depth; k++) sum += weight[k];
    if (sum > heaviest) heaviest = sum;
  }
  const quick = heaviest * reach(x) + most(bias);
  return quick < exactLimit ? quick : most(applyAffine({ ...node, weight, bias }, reaches(x)));
}

function matmulPeak(node: QMatMul, a: Range, b: Range): number {
  const quick = node.k * reach(a) * reach(b);
  return quick < exactLimit ? quick : most(matmul(reaches(a), reaches(b), node));
}

function functionPeak({ coefficients, bits, segmentBits, shift }: QFunction): number {
  const last = 2 ** (bits - segmentBits) - 1;
  let peak = 0;
  for (let s = 0; s < 2 ** segmentBits; s++) {
    let sum = 0;
    for (let d = coefficients.length - 1; d >= 0; d--) {
      sum = sum * last + Math.abs(coefficients[d][s]);
      if (sum > peak) peak = sum;
    }
  }
  return peak + halfOf(shift);
}
