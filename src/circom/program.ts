import type { QGraph, QKind, QNode, Range } from '../quant/qgraph.ts';
import type { Emission, Emit } from './emission.ts';
import { templatesFor } from './library.ts';
import { emitBits } from './nodes/bits.ts';
import { emitClip } from './nodes/clip.ts';
import { emitCompare, emitSelect } from './nodes/compare.ts';
import { emitDivide, emitSqrt } from './nodes/divide.ts';
import { emitFunction } from './nodes/function.ts';
import { emitInput } from './nodes/input.ts';
import { emitAdd, emitAffine, emitConst, emitMap } from './nodes/linear.ts';
import { emitArgMax, emitMax, emitTopK } from './nodes/order.ts';
import { emitMatMul, emitMul } from './nodes/product.ts';
import { emitRescale } from './nodes/rescale.ts';
import { emitRound } from './nodes/round.ts';
import { emitTree } from './nodes/tree.ts';
import { emitPacking, lanesOf } from './publish.ts';
import { indent, quoted } from './text.ts';

/** One rule per integer primitive, written from `quant/interpret.ts` and not from `r1cs/lower`. */
const rules: { readonly [K in QKind]: Emit<K> } = {
  input: emitInput,
  const: emitConst,
  affine: emitAffine,
  map: emitMap,
  add: emitAdd,
  mul: emitMul,
  matmul: emitMatMul,
  rescale: emitRescale,
  clip: emitClip,
  round: emitRound,
  compare: emitCompare,
  select: emitSelect,
  max: emitMax,
  argmax: emitArgMax,
  topk: emitTopK,
  function: emitFunction,
  divide: emitDivide,
  sqrt: emitSqrt,
  bits: emitBits,
  tree: emitTree,
};

/**
 * A circom program for a whole model, in one file: the templates of `circuits/` that it needs and a main component with
 * the weights as constants. Node i of the quantised graph is the signal array `n<i>`. Public signals are those of
 * `r1cs/lower`, in the same order: packed outputs, then the binding.
 */
export function emitCircom(graph: QGraph, ranges: readonly Range[]): string {
  const sizes = ranges.map(({ lo }) => lo.length);
  const outputs = graph.outputs.map(({ name, node }, i) => ({
    name,
    node,
    signal: `out${i}`,
    lanes: lanesOf(ranges[node]),
  }));
  const body = [
    ...outputs.map(
      ({ name, signal, lanes }) => `signal output ${signal}[${lanes.signals}]; // ${quoted(name)}, packed`,
    ),
    'signal input binding;',
    ...graph.nodes.flatMap((node, id) =>
      node.kind === 'input' ? [`signal input n${id}[${sizes[id]}]; // ${quoted(node.name)}, integers`] : [],
    ),
    ...emitNodes(graph, ranges),
    '',
    '// public signals',
    ...outputs.flatMap(({ node, signal, lanes }) => emitPacking(signal, `n${node}`, lanes)),
    'signal bindingSquare <== binding * binding;',
  ];
  const main = ['template Model() {', ...indent(body), '}', '', 'component main {public [binding]} = Model();'].join(
    '\n',
  );
  return `pragma circom 2.1.0;\n\n${templatesFor(main)}\n${main}\n`;
}

function emitNodes(graph: QGraph, ranges: readonly Range[]): string[] {
  const selections = new Map<string, string>();
  return graph.nodes.flatMap((node, id) => {
    const name = `n${id}`;
    const emission = {
      graph,
      node,
      id,
      own: ranges[id],
      name,
      operands: node.inputs.map((input) => ({ name: `n${input}`, range: ranges[input] })),
      selections,
    };
    const declaration = node.kind === 'input' ? [] : [`signal ${name}[${ranges[id].lo.length}];`];
    return [
      '',
      `// ${name}: ${node.kind} of ${node.origin.op} ${quoted(node.origin.node)}`,
      ...declaration,
      ...emitNode(emission),
    ];
  });
}

/** The rule for a kind takes nodes of that kind; the compiler cannot see that the table's entry and the node agree. */
function emitNode<K extends QKind>(emission: Emission<Extract<QNode, { kind: K }>>): string[] {
  const rule = rules[emission.node.kind] as Emit<K>;
  return rule(emission);
}
