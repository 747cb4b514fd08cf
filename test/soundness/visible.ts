import { createQBuilder } from '../../src/quant/builder.ts';
import type { QGraph } from '../../src/quant/qgraph.ts';

/** A private, a public and a hashed input; a public and a hashed output. */
export function visibleGraph(): QGraph {
  const q = createQBuilder();
  q.from({ node: 'under_test', op: 'Test' });
  const common = { inputs: [], shape: [3], scale: 1, zero: 0 } as const;
  const inputs = [
    q.push({ ...common, kind: 'input', name: 'own', lo: -7, bits: 5 }),
    q.push({ ...common, kind: 'input', name: 'shown', lo: -300, bits: 10, visibility: 'public' }),
    q.push({ ...common, kind: 'input', name: 'sealed', lo: 0, bits: 12, visibility: 'hashed' }),
  ];
  const sum = q.push({ kind: 'add', inputs, shape: [3], scale: 1, coefficients: [3, -2, 1] });
  const part = q.push({ kind: 'rescale', inputs: [sum], shape: [3], scale: 1, shift: 3, relu: true, width: null });
  return q.finish([
    { name: 'y', node: part },
    { name: 'z', node: sum, visibility: 'hashed' },
  ]);
}
