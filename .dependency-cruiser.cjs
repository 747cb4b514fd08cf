// Imports follow the sentence of docs/pipeline.md from its end to its beginning, never back.
// A folder may import itself, `errors` and the folders listed for it.
const base = ['errors', 'temporary', 'write-file', 'field', 'tensor'];
// `verify` owns the types of proofs and verifying keys, so whoever makes one imports it.
const allowed = {
  field: ['errors'],
  tensor: ['errors'],
  graph: base,
  onnx: [...base, 'graph'],
  data: base,
  runtime: [...base, 'graph', 'onnx', 'data'],
  quant: [...base, 'graph'],
  r1cs: [...base, 'quant'],
  // A second opinion: nothing of `r1cs`.
  circom: [...base, 'quant'],
  witness: [...base, 'quant', 'r1cs'],
  keys: [...base, 'r1cs', 'kernel', 'verify'],
  kernel: [...base, 'verify'],
  prove: [...base, 'keys', 'kernel', 'verify', 'witness'],
  verify: base,
  evm: [...base, 'verify'],
  inspect: [...base, 'graph', 'onnx', 'data', 'runtime', 'quant'],
  model: [...base, 'quant', 'r1cs', 'verify'],
  store: [...base, 'keys', 'model', 'quant', 'r1cs', 'verify'],
  // The sentence in a page, from a compiled model on: nothing that Node has built in (test/web/bundle.test.ts).
  web: [...base, 'kernel', 'model', 'pipeline', 'quant', 'r1cs', 'store', 'verify'],
  // Runs the whole sentence elsewhere; the chain is none of its business.
  pool: [...base, 'model', 'pipeline', 'inspect', 'kernel', 'onnx', 'quant', 'runtime', 'store', 'verify'],
  // Whole provers behind the same verbs: ours is the sentence itself, the other one comes in at its beginning and end.
  backend: [
    ...base,
    'onnx',
    'graph',
    'data',
    'quant',
    'inspect',
    'pipeline',
    'store',
    'kernel',
    'verify',
    'evm',
    'pool',
  ],
};
const inside = (folders) => `^src/(${folders.join('|')})([./]|$)`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-dependency',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] },
    },
    {
      name: 'snarkjs-stays-behind-the-kernel',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(kernel|keys)/' },
      to: { path: 'node_modules/(snarkjs|ffjavascript)' },
    },
    ...Object.entries(allowed).map(([folder, targets]) => ({
      name: `${folder}-imports-one-way`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: inside([folder, ...targets]) },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
