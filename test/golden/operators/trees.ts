import { float, floats, given, integers, type OperatorCase, real, whole } from './case.ts';

const domain = 'ai.onnx.ml';
const table = real([2, 3]);
const both = ['label', 'scores'];
const linear = { coefficients: floats(0.5, -0.3, 0.1, -0.5, 0.3, 0.2), intercepts: floats(0.1, -0.1) };
const vectors = {
  kernel_type: 'RBF',
  kernel_params: floats(0.5, 0, 0),
  support_vectors: floats(1, 0, -1, 0.5, -0.5, 1),
  coefficients: floats(0.7, -0.7),
  rho: floats(0.25),
};
const stump = (kind: 'class' | 'target') => ({
  nodes_treeids: [0, 0, 0],
  nodes_nodeids: [0, 1, 2],
  nodes_featureids: [1, 0, 0],
  nodes_modes: { strings: ['BRANCH_LEQ', 'LEAF', 'LEAF'] },
  nodes_values: floats(0.25, 0, 0),
  nodes_truenodeids: [1, 0, 0],
  nodes_falsenodeids: [2, 0, 0],
  [`${kind}_treeids`]: [0, 0],
  [`${kind}_nodeids`]: [1, 2],
  [`${kind}_ids`]: [0, 0],
  [`${kind}_weights`]: floats(0.3, 0.6),
});

/** The operators of tabular models. */
export const trees: readonly OperatorCase[] = [
  { op: 'ArrayFeatureExtractor', domain, operands: [table, integers(2, 0)] },
  { op: 'Binarizer', domain, operands: [table], attributes: { threshold: float(0.5) } },
  { op: 'FeatureVectorizer', domain, operands: [table, real([2, 1])], attributes: { inputdimensions: [3, 1] } },
  {
    op: 'Imputer',
    domain,
    operands: [table],
    attributes: { imputed_value_floats: floats(1), replaced_value_float: float(0) },
  },
  {
    op: 'LabelEncoder',
    domain,
    operands: [whole('int64', [3], 0, 3)],
    attributes: { keys_int64s: [0, 1, 2], values_int64s: [5, 6, 7] },
  },
  {
    op: 'LinearClassifier',
    domain,
    operands: [table],
    attributes: { ...linear, classlabels_ints: [3, 7], post_transform: 'SOFTMAX' },
    outputs: both,
  },
  { op: 'LinearRegressor', domain, operands: [table], attributes: { ...linear, targets: 2 } },
  { op: 'Normalizer', domain, operands: [real([2, 3], 0.5, 2)], attributes: { norm: 'L2' } },
  { op: 'OneHotEncoder', domain, operands: [whole('int64', [3], 0, 3)], attributes: { cats_int64s: [0, 1, 2] } },
  {
    op: 'SVMClassifier',
    domain,
    operands: [table],
    attributes: { ...vectors, vectors_per_class: [1, 1], classlabels_ints: [0, 1] },
    outputs: both,
  },
  { op: 'SVMRegressor', domain, operands: [table], attributes: { ...vectors, n_supports: 2 } },
  { op: 'Scaler', domain, operands: [table], attributes: { offset: floats(1, 2, 3), scale: floats(2, 1, 0.5) } },
  {
    op: 'TreeEnsemble',
    domain,
    operands: [table],
    attributes: {
      n_targets: 1,
      tree_roots: [0],
      nodes_featureids: [1],
      nodes_modes: { tensor: { name: '', ...given('uint8', [1], [0]), data: [0] } },
      nodes_splits: { tensor: { name: '', shape: [1], data: [0.25] } },
      nodes_truenodeids: [0],
      nodes_trueleafs: [1],
      nodes_falsenodeids: [1],
      nodes_falseleafs: [1],
      leaf_targetids: [0, 0],
      leaf_weights: { tensor: { name: '', shape: [2], data: [0.3, 0.6] } },
    },
  },
  {
    op: 'TreeEnsembleClassifier',
    domain,
    operands: [table],
    attributes: { ...stump('class'), classlabels_int64s: [3, 7] },
    outputs: both,
  },
  { op: 'TreeEnsembleRegressor', domain, operands: [table], attributes: { ...stump('target'), n_targets: 1 } },
];
