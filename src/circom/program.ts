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
import { declarePublic, emitPublic, lanesOf, type Published, poseidonFunctions, saltOf } from './publish.ts';
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
 * `r1cs/lower`, in the same order: outputs, the binding, inputs.
 */
export function emitCircom(graph: QGraph, ranges: readonly Range[]): string {
  const { outputs, inputs } = publishedOf(graph, ranges);
  const elements = graph.nodes.flatMap((node, id) =>
    node.kind === 'input' ? [`signal input n${id}[${ranges[id].lo.length}]; // ${quoted(node.name)}, integers`] : [],
  );
  const hashed = [...outputs, ...inputs].filter(({ isHashed }) => isHashed);
  const body = [
    ...outputs.map(declarePublic),
    'signal input binding;',
    ...inputs.map(declarePublic),
    ...elements,
    ...hashed.map((published) => `signal input ${saltOf(published)};`),
    ...emitNodes(graph, ranges),
    '',
    '// public signals',
    ...outputs.flatMap(emitPublic),
    ...inputs.flatMap(emitPublic),
    'signal bindingSquare <== binding * binding;',
  ];
  const publicInputs = ['binding', ...inputs.map(({ signal }) => signal)].join(', ');
  const main = [
    'template Model() {',
    ...indent(body),
    '}',
    '',
    `component main {public [${publicInputs}]} = Model();`,
  ].join('\n');
  const constants = hashed.length === 0 ? '' : `${poseidonFunctions()}\n`;
  return `pragma circom 2.1.0;\n\n${constants}${templatesFor(main)}\n${main}\n`;
}

/** What verifiers see of outputs, and of the inputs that are not private. */
export function publishedOf(
  graph: QGraph,
  ranges: readonly Range[],
): { readonly outputs: readonly Published[]; readonly inputs: readonly Published[] } {
  const outputs = graph.outputs.map(({ name, node, visibility }, i): Published => {
    const lanes = lanesOf(ranges[node]);
    const isHashed = visibility === 'hashed';
    return { title: name, tensor: `n${node}`, signal: `out${i}`, direction: 'output', isHashed, lanes };
  });
  const inputs = graph.nodes.flatMap((node, id): Published[] => {
    if (node.kind !== 'input' || (node.visibility ?? 'private') === 'private') return [];
    const lanes = lanesOf(ranges[id]);
    const isHashed = node.visibility === 'hashed';
    return [{ title: node.name, tensor: `n${id}`, signal: `n${id}_public`, direction: 'input', isHashed, lanes }];
  });
  return { outputs, inputs };
}

function emitNodes(graph: QGraph, ranges: readonly Range[]): string[] {
  const selections = new Map<string, string>();
  return graph.nodes.flatMap((node, id) => {
    const name = `n${id}`;
    const emission = {
      graph,
      node,
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
