import { InternalError, VouchError } from '../errors.ts';
import type { Origin } from '../graph/graph.ts';
import { interpretNode } from './interpret.ts';
import { peakOf } from './peak.ts';
import { exactLimit, type QConst, type QGraph, type QNode, type QOutput, type Range } from './qgraph.ts';
import { rangeOf } from './ranges.ts';

type DistributiveOmit<T, K extends keyof never> = T extends unknown ? Omit<T, K> : never;
export type NewQNode = DistributiveOmit<QNode, 'origin'>;

/** Builds a quantised graph; every node gets its proved bounds at birth and is refused when they are not exact. */
export interface QBuilder {
  from(origin: Origin): void;
  push(node: NewQNode): number;
  node(id: number): QNode;
  range(id: number): Range;
  finish(outputs: readonly QOutput[]): QGraph;
}

export function createQBuilder(): QBuilder {
  const nodes: QNode[] = [];
  const ranges: Range[] = [];
  let origin: Origin = { node: '', op: '' };
  const at = (id: number): QNode => {
    const node = nodes[id];
    if (node === undefined) throw new InternalError(`quantised value ${id} does not exist`);
    return node;
  };
  const append = (node: QNode, range: Range): number => {
    ranges.push(range);
    return nodes.push(node) - 1;
  };
  return {
    from(next) {
      origin = next;
    },
    push(node) {
      const complete = { ...node, origin };
      const operands = node.inputs.map(at);
      const bounds = node.inputs.map((id) => ranges[id]);
      const range = rangeOf(complete, bounds, nodes, ranges);
      checkExact(complete, range, peakOf(complete, bounds));
      if (operands.length > 0 && operands.every((operand): operand is QConst => operand.kind === 'const')) {
        const data = interpretNode(
          complete,
          operands.map((operand) => operand.data),
        );
        const { shape, scale } = complete;
        return append({ kind: 'const', inputs: [], shape, scale, origin, data }, { lo: data, hi: data });
      }
      if (isDecided(complete, range)) {
        const { shape, scale } = complete;
        return append({ kind: 'const', inputs: [], shape, scale, origin, data: range.lo }, range);
      }
      return append(complete, range);
    },
    node: at,
    range: (id) => ranges[id],
    finish: (outputs) => ({ nodes, outputs }),
  };
}

/** A tensor whose bounds coincide everywhere is a constant, unless a range check of its own may still refuse a value. */
function isDecided(node: QNode, { lo, hi }: Range): boolean {
  if (node.kind === 'input' || (node.kind === 'rescale' && node.width !== null)) return false;
  return lo.every((v, i) => v === hi[i]);
}

function checkExact(node: QNode, { lo, hi }: Range, peak: number): void {
  if (!(peak < exactLimit)) throw new PrecisionOverflowError(node, `a ${node.kind} reaches ${peak} on the way`);
  for (let i = 0; i < lo.length; i++) {
    if (lo[i] > -exactLimit && hi[i] < exactLimit) continue;
    throw new PrecisionOverflowError(node, `element ${i} of a ${node.kind} lies in [${lo[i]}, ${hi[i]}]`);
  }
}

export class PrecisionOverflowError extends VouchError {
  override readonly name = 'PrecisionOverflowError';
  constructor(node: QNode, where: string) {
    super(`${node.origin.op} "${node.origin.node}" needs integers beyond 2^53`, {
      metaMessages: [
        `${where} at scale ${node.scale}`,
        'Use less precision, narrower input bounds, or calibrated ranges.',
      ],
    });
  }
}
