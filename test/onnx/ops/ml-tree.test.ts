import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { type AttributeValue, encodeModel, type TestModel } from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';

type Weights = readonly (readonly [id: number, weight: number])[];

/** One stump per tree: feature t ≤ 0 goes to the first leaf. */
function stumps(kind: 'class' | 'target', trees: readonly (readonly [Weights, Weights])[]) {
  const list = (numbers: (tree: number) => readonly number[]): number[] => trees.flatMap((_, t) => numbers(t));
  const entries = trees.flatMap(([yes, no], tree) => [
    ...yes.map(([id, weight]) => ({ tree, node: 1, id, weight })),
    ...no.map(([id, weight]) => ({ tree, node: 2, id, weight })),
  ]);
  return {
    nodes_treeids: list((t) => [t, t, t]),
    nodes_nodeids: list(() => [0, 1, 2]),
    nodes_featureids: list((t) => [t, 0, 0]),
    nodes_modes: { strings: trees.flatMap(() => ['BRANCH_LEQ', 'LEAF', 'LEAF']) },
    nodes_values: { floats: list(() => [0, 0, 0]) },
    nodes_truenodeids: list(() => [1, 0, 0]),
    nodes_falsenodeids: list(() => [2, 0, 0]),
    [`${kind}_treeids`]: entries.map(({ tree }) => tree),
    [`${kind}_nodeids`]: entries.map(({ node }) => node),
    [`${kind}_ids`]: entries.map(({ id }) => id),
    [`${kind}_weights`]: { floats: entries.map(({ weight }) => weight) },
  };
}

function classifier(attributes: Record<string, AttributeValue>): TestModel {
  return {
    inputs: [{ name: 'x', shape: [4, 2] }],
    outputs: ['label', 'scores'],
    nodes: [
      {
        op: 'TreeEnsembleClassifier',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['label', 'scores'],
        attributes: { classlabels_int64s: [3, 7], ...attributes },
      },
    ],
  };
}

const corners = [{ x: [-1, -1, 1, 1, -1, 1, 1, -1] }];

async function expectAgreement(model: TestModel, samples = corners, tolerance = 1e-5): Promise<void> {
  const { expected, imported, simplified } = await answers(model, samples);
  for (const [i, want] of expected.entries()) {
    expect(difference(want, imported[i]), JSON.stringify([[...want], [...imported[i]]])).toBeLessThan(tolerance);
    expect(difference(want, simplified[i])).toBeLessThan(tolerance);
  }
}

const problemOf = (model: TestModel): string => {
  try {
    importModel(decodeModel(encodeModel(model)));
    return 'accepted';
  } catch (error) {
    return String(error);
  }
};

const weightings: Record<string, readonly (readonly [Weights, Weights])[]> = {
  'class 0, none negative': [
    [[[0, 0.3]], [[0, 0.4]]],
    [[[0, 0.12]], [[0, 0.5]]],
  ],
  'class 1, none negative': [
    [[[1, 0.3]], [[1, 0.4]]],
    [[[1, 0.12]], [[1, 0.5]]],
  ],
  'class 0, mixed': [
    [[[0, -0.3]], [[0, 0.4]]],
    [[[0, -0.1]], [[0, 0.5]]],
  ],
  'class 1, mixed': [
    [[[1, -0.3]], [[1, 0.4]]],
    [[[1, -0.1]], [[1, 0.5]]],
  ],
  'both, none negative': [
    [[[0, 0.3], [1, 0.2]], [[0, 0.1], [1, 0.4]]], // biome-ignore format: one tree per line
    [[[0, 0.4], [1, 0.1]], [[0, 0.2], [1, 0.35]]], // biome-ignore format: one tree per line
  ],
  'both, mixed': [
    [[[0, 0.3], [1, -0.2]], [[0, 0.1], [1, 0.4]]], // biome-ignore format: one tree per line
    [[[0, 0.4], [1, -0.1]], [[0, -0.2], [1, 0.3]]], // biome-ignore format: one tree per line
  ],
};

describe('TreeEnsembleClassifier with two classes', () => {
  for (const [name, trees] of Object.entries(weightings)) {
    for (const base of [[], [0.25], [0.25, -0.45]]) {
      for (const transform of ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO']) {
        test(`weights of ${name}, base [${base}], ${transform}`, async () => {
          const model = classifier({
            ...stumps('class', trees),
            post_transform: transform,
            ...(base.length === 0 ? {} : { base_values: { floats: base } }),
          });
          await expectAgreement(model);
        });
      }
    }
  }
});

const threeClasses: readonly (readonly [Weights, Weights])[] = [
  [
    [
      [0, 0.3],
      [1, -0.2],
      [2, 0.1],
    ],
    [
      [0, -0.1],
      [1, 0.4],
      [2, 0.2],
    ],
  ],
  [[[2, 0.4]], [[2, -0.3]]],
];

describe('TreeEnsembleClassifier with three classes', () => {
  for (const transform of ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT']) {
    for (const base of [[], [0.25, -0.1, 0.05]]) {
      test(`${transform}, base [${base}]`, async () => {
        const shifted = threeClasses.map(([yes, no]) => [probable(yes), probable(no)] as const);
        const trees = transform === 'PROBIT' ? shifted : threeClasses;
        const model = classifier({
          ...stumps('class', trees),
          classlabels_int64s: [5, 1, 9],
          post_transform: transform,
          ...(base.length === 0 ? {} : { base_values: { floats: base.map((v) => Math.abs(v) / 2) } }),
        });
        await expectAgreement(model);
      });
    }
  }

  /** Weights that sum to something between 0 and 1. */
  const probable = (weights: Weights): Weights => weights.map(([id, weight]) => [id, 0.2 + weight / 3]);

  test('a class without any weight is never chosen', async () => {
    const trees = threeClasses.map(([yes, no]) => [negative(yes), negative(no)] as const);
    await expectAgreement(classifier({ ...stumps('class', trees), classlabels_int64s: [5, 1, 9] }));
  });

  const negative = (weights: Weights): Weights =>
    weights.filter(([id]) => id !== 1).map(([id, weight]) => [id, -Math.abs(weight)] as const);

  test('a label that depends on which classes a leaf mentions is refused, its scores are not', () => {
    const trees: typeof threeClasses = [[[[0, -0.3]], [[1, 0.4]]], [[[2, 0.4]], [[2, -0.3]]]]; // biome-ignore format: trees
    const model = classifier({ ...stumps('class', trees), classlabels_int64s: [5, 1, 9] });
    expect(problemOf(model)).toContain('its label depends on which classes a leaf mentions');
    expect(problemOf({ ...model, outputs: ['scores'] })).toBe('accepted');
  });
});

describe('string labels', () => {
  const { classlabels_int64s: _, ...attributes } =
    classifier(stumps('class', weightings['both, mixed'])).nodes[0].attributes ?? {};
  const model = classifier({});
  const node = { ...model.nodes[0], attributes: { ...attributes, classlabels_strings: { strings: ['no', 'yes'] } } };
  const named = { ...model, nodes: [node] };

  test('are refused when the label is returned', () => {
    expect(problemOf(named)).toContain('its labels are strings. Train on classes 0, 1, …');
  });

  test('do not matter when only the scores are', () => {
    expect(problemOf({ ...named, outputs: ['scores'] })).toBe('accepted');
  });
});

function regressor(attributes: Record<string, AttributeValue>): TestModel {
  const model = classifier({});
  const node = { ...model.nodes[0], op: 'TreeEnsembleRegressor', outputs: ['y'], attributes };
  return { ...model, outputs: ['y'], nodes: [node] };
}

describe('TreeEnsembleRegressor', () => {
  const one = [
    [[[0, 0.3]], [[0, 0.4]]],
    [[[0, 0.1]], [[0, 0.35]]],
  ] as const;
  const two = weightings['both, none negative'];
  for (const aggregate of ['SUM', 'AVERAGE', 'MIN', 'MAX']) {
    for (const transform of ['NONE', 'LOGISTIC', 'SOFTMAX', 'PROBIT']) {
      test(`${aggregate}, ${transform}`, async () => {
        const settings = { aggregate_function: aggregate, post_transform: transform };
        const single = { ...stumps('target', one), ...settings, base_values: { floats: [0.05] } };
        await expectAgreement(regressor({ ...single, n_targets: 1 }), corners, 1e-4);
        const pair = { ...stumps('target', two), ...settings, base_values: { floats: [0.05, 0.01] } };
        await expectAgreement(regressor({ ...pair, n_targets: 2 }), corners, 1e-4);
      });
    }
  }

  test('leaves without weights are refused', () => {
    const trees: typeof threeClasses = [[[[0, 1]], []]];
    expect(problemOf(regressor({ ...stumps('target', trees), n_targets: 1 }))).toContain('a leaf has no weight');
  });

  test('more targets than memory holds are refused', () => {
    expect(problemOf(regressor({ ...stumps('target', one), n_targets: 2 ** 40 }))).toContain('1099511627776 targets');
  });

  test('a cycle is refused', () => {
    const attributes = { ...stumps('target', one), nodes_modes: { strings: Array(6).fill('BRANCH_LEQ') } };
    expect(problemOf(regressor({ ...attributes, n_targets: 1 }))).toContain('a tree contains a cycle');
  });
});

describe('features', () => {
  test('every kind of test, on float32 features next to the threshold', async () => {
    const modes = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];
    const trees = modes.map((_, i): readonly [Weights, Weights] => [[[0, 2 ** i]], [[0, 0]]]);
    const attributes = {
      ...stumps('target', trees),
      nodes_modes: { strings: modes.flatMap((mode) => [mode, 'LEAF', 'LEAF']) },
      nodes_values: { floats: modes.flatMap(() => [0.1, 0, 0]) },
      nodes_featureids: modes.flatMap((_, i) => [i % 2, 0, 0]),
    };
    const t = Math.fround(0.1);
    const x = [0.1, t, 0.1, 0.10000001, 0.09999999, t + 1e-8, 0.2, 0].map(Math.fround);
    await expectAgreement(regressor({ ...attributes, n_targets: 1 }), [{ x }]);
  });

  test('integer features are compared as float32', async () => {
    const attributes = { ...stumps('class', [[[[0, 1]], [[0, -2]]]]), nodes_values: { floats: [2 ** 24, 0, 0] } };
    const integers = { ...classifier(attributes), inputs: [{ name: 'x', shape: [4, 2], type: 'int64' as const }] };
    await expectAgreement(integers, [{ x: [2 ** 24, 0, 2 ** 24 + 1, 0, 2 ** 24 + 2, 0, -1, 0] }]);
  });

  test('a feature that is not there is refused', () => {
    const attributes = { ...stumps('target', [[[[0, 1]], [[0, 2]]]]), nodes_featureids: [2, 0, 0], n_targets: 1 };
    expect(problemOf(regressor(attributes))).toContain('a tree reads feature 2 of 2');
  });
});

describe('TreeEnsemble 5', () => {
  const tensorOf = (name: string, data: number[], type: 'float32' | 'uint8' = 'float32'): AttributeValue => ({
    tensor: { name, shape: [data.length], data, type },
  });

  function ensemble(attributes: Record<string, AttributeValue>): TestModel {
    return {
      inputs: [{ name: 'x', shape: [6, 2] }],
      outputs: ['y'],
      nodes: [{ op: 'TreeEnsemble', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes }],
      domainOpset: 5,
      opset: 21,
    };
  }

  // x0 in {1, 3, 5} or in {2, 4}: the left child is an inner node; else leaf 0.
  const members = {
    nodes_featureids: [0, 1, 0],
    nodes_modes: tensorOf('modes', [6, 0, 6], 'uint8'),
    nodes_splits: tensorOf('splits', [0, 0.5, 0]),
    nodes_truenodeids: [1, 1, 3],
    nodes_trueleafs: [0, 1, 1],
    nodes_falsenodeids: [2, 2, 0],
    nodes_falseleafs: [0, 1, 1],
    membership_values: tensorOf('members', [1, 3, 5, Number.NaN, 2, 4, Number.NaN]),
    leaf_targetids: [0, 1, 0, 1],
    leaf_weights: tensorOf('weights', [0.25, -1.5, 2, 0.75]),
    n_targets: 2,
    tree_roots: [0],
  };
  const x = [1, 0, 3, 1, 5, 0.5, 2, 0, 4, 9, 6, 1];

  for (const aggregate of [0, 1]) {
    test(`membership, aggregate ${aggregate}`, () =>
      expectAgreement(ensemble({ ...members, aggregate_function: aggregate }), [{ x }]));
  }

  test('every node has one parent, also where branches were shared', () => {
    const { graph } = importModel(decodeModel(encodeModel(ensemble(members))));
    const tree = graph.nodes.find((node) => node.kind === 'tree');
    if (tree?.kind !== 'tree') throw new Error('expected trees');
    const children = [...tree.ensemble.left, ...tree.ensemble.right].filter((child) => child >= 0);
    expect(new Set(children).size).toBe(children.length);
    expect(children.length).toBe(tree.ensemble.left.length - 1);
  });
});
