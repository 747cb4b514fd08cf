import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { importModel } from '../../../src/onnx/import.ts';
import { type AttributeValue, encodeModel, type TestModel, type TestType } from '../../fuzz/onnx-model.ts';
import { answers, difference } from '../onnxruntime.ts';

type Attributes = Record<string, AttributeValue>;

const table = [1, 2, -4, 0, 0, 0, -1, -2, -3, 0, -2, 0];

interface Input {
  readonly data: readonly number[];
  readonly shape: readonly number[];
  readonly type?: TestType;
}

const rows: Input = { data: table, shape: [4, 3] };

function model(op: string, outputs: readonly string[], attributes: Attributes, inputs: readonly Input[]): TestModel {
  return {
    inputs: inputs.map(({ shape, type = 'float32' }, i) => ({ name: `x${i}`, shape, type })),
    outputs,
    nodes: [{ op, domain: 'ai.onnx.ml', inputs: inputs.map((_, i) => `x${i}`), outputs, attributes }],
  };
}

async function agrees(op: string, attributes: Attributes, inputs = [rows], outputs = ['y']): Promise<void> {
  const sample = Object.fromEntries(inputs.map(({ data }, i) => [`x${i}`, [...data]]));
  const { expected, imported } = await answers(model(op, outputs, attributes, inputs), [sample]);
  expect(difference(expected[0], imported[0]), JSON.stringify([[...expected[0]], [...imported[0]]])).toBeLessThan(1e-5);
}

const problemOf = (op: string, attributes: Attributes, inputs = [rows], outputs = ['y']): string => {
  try {
    importModel(decodeModel(encodeModel(model(op, outputs, attributes, inputs))));
    return 'accepted';
  } catch (error) {
    return String(error);
  }
};

const floats = (...values: number[]): AttributeValue => ({ floats: values });
const integers: Input = { ...rows, type: 'int64' };
const transforms = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO'];

describe('LinearRegressor', () => {
  for (const post_transform of transforms) {
    test(post_transform, async () => {
      const one = { coefficients: floats(0.5, -0.3, 0.1), intercepts: floats(0.1) };
      await agrees('LinearRegressor', { ...one, post_transform });
      const two = { coefficients: floats(0.5, -0.3, 0.1, 0.2, -0.1, 0.7), intercepts: floats(0.1, 0.25), targets: 2 };
      await agrees('LinearRegressor', { ...two, post_transform });
    });
  }
});

describe('LinearClassifier', () => {
  const outputs = ['label', 'scores'];
  for (const post_transform of transforms) {
    test(`one score, ${post_transform}`, async () => {
      const attributes = { coefficients: floats(0.5, -0.3, 0.1), intercepts: floats(0.15), classlabels_ints: [3, 7] };
      await agrees('LinearClassifier', { ...attributes, post_transform }, [rows], outputs);
      await agrees('LinearClassifier', { ...attributes, post_transform }, [integers], outputs);
    });

    test(`three scores, ${post_transform}`, async () => {
      const coefficients = floats(0.5, -0.3, 0.1, -0.5, 0.3, 0.2, 0.2, 0.2, -0.3);
      const attributes = { coefficients, intercepts: floats(0.1, -0.1, 0.05), classlabels_ints: [3, 7, 5] };
      await agrees('LinearClassifier', { ...attributes, post_transform }, [rows], outputs);
    });
  }
});

describe('a linear classifier whose rows are normalised again', () => {
  for (const [post_transform, kinds] of [
    ['SOFTMAX', { divide: 1 }],
    ['LOGISTIC', { divide: 0 }],
  ] as const) {
    test(`${post_transform} of two mirrored scores needs no second division`, async () => {
      const attributes = {
        coefficients: floats(0.5, -0.3, 0.1, -0.5, 0.3, -0.1),
        intercepts: floats(0.15, -0.15),
        classlabels_ints: [3, 7],
        post_transform,
      };
      const linear = model('LinearClassifier', ['label', 'scores'], attributes, [rows]);
      const normaliser = { op: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['scores'], outputs: ['y'] };
      const nodes = [...linear.nodes, { ...normaliser, attributes: { norm: 'L1' } }];
      const both = { ...linear, outputs: ['label', 'y'], nodes };
      const { expected, imported } = await answers(both, [{ x0: table }]);
      expect(difference(expected[0], imported[0])).toBeLessThan(1e-6);
      const { graph } = importModel(decodeModel(encodeModel(both)));
      expect(graph.nodes.filter(({ kind }) => kind === 'divide').length).toBe(kinds.divide);
    });
  }
});

describe('scaling', () => {
  test('Scaler', async () => {
    await agrees('Scaler', { offset: floats(1, 2, 3), scale: floats(2, 1, 0.5) });
    await agrees('Scaler', { offset: floats(1), scale: floats(2) });
    await agrees('Scaler', { offset: floats(1, 2, 3), scale: floats(2, 1, 0.5) }, [integers]);
    await agrees('Scaler', { offset: floats(1, 2, 3), scale: floats(2, 1, 1) }, [{ data: [5, 6, 7], shape: [3] }]);
  });

  for (const norm of ['MAX', 'L1', 'L2']) {
    test(`Normalizer, ${norm}`, async () => {
      await agrees('Normalizer', { norm });
      await agrees('Normalizer', { norm }, [integers]);
      await agrees('Normalizer', { norm }, [{ data: [5, -6, 7], shape: [3] }]);
    });
  }

  test('Binarizer', () => agrees('Binarizer', { threshold: { float: -1 } }));

  test('Imputer', async () => {
    await agrees('Imputer', { imputed_value_floats: floats(9, 8, 7), replaced_value_float: { float: 0 } });
    await agrees('Imputer', { imputed_value_int64s: [9], replaced_value_int64: 0 }, [integers]);
    await agrees('Imputer', { imputed_value_floats: floats(9) });
    await agrees('Imputer', { imputed_value_floats: floats(9), replaced_value_float: { float: Number.NaN } });
  });
});

describe('features', () => {
  test('ArrayFeatureExtractor with constant and computed choices', async () => {
    const nodes = [{ op: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['x0', 'i'], outputs: ['y'] }];
    const initializers = [{ name: 'i', shape: [2], data: [2, 0], type: 'int64' as const }];
    const fixed = { ...model('', ['y'], {}, [rows]), nodes, initializers };
    const { expected, imported } = await answers(fixed, [{ x0: table }]);
    expect(difference(expected[0], imported[0])).toBe(0);

    const choice: Input = { data: [2, 0, 1, 2], shape: [4], type: 'int64' };
    const values = [{ name: 't', shape: [3], data: [0.5, 8, -3] }];
    const chosen = [{ op: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['t', 'x0'], outputs: ['y'] }];
    const computed = { ...model('', ['y'], {}, [choice]), nodes: chosen, initializers: values };
    const second = await answers(computed, [{ x0: [2, 0, 1, 2] }]);
    expect(difference(second.expected[0], second.imported[0])).toBe(0);
  });

  test('FeatureVectorizer', () =>
    agrees('FeatureVectorizer', { inputdimensions: [3, 2] }, [rows, { data: table.slice(0, 8), shape: [4, 2] }]));

  test('OneHotEncoder', async () => {
    await agrees('OneHotEncoder', { cats_int64s: [0, -2, 1] });
    await agrees('OneHotEncoder', { cats_int64s: [0, -2, 1] }, [integers]);
    await agrees('OneHotEncoder', { cats_int64s: [0, -2, 1] }, [{ data: [0.5, -0.5, 1.9, -2.1], shape: [4] }]);
    expect(problemOf('OneHotEncoder', { cats_strings: { strings: ['a'] } })).toContain('its categories are strings');
  });

  test('LabelEncoder', async () => {
    const toFloats = { keys_int64s: [1, 2, -4], values_floats: floats(0.5, 0.25, 8), default_float: { float: -1.5 } };
    await agrees('LabelEncoder', toFloats, [integers]);
    await agrees('LabelEncoder', { keys_floats: floats(1, -2), values_floats: floats(5, 6) });
    await agrees('LabelEncoder', { keys_int64s: [1, 2, 1], values_int64s: [5, 6, 7] }, [integers]);
    const named = { keys_int64s: [1], values_strings: { strings: ['a'] } };
    expect(problemOf('LabelEncoder', named, [integers])).toContain('its values are strings');
  });

  test('ZipMap is refused and says how to export without it', () => {
    const refused = problemOf('ZipMap', { classlabels_int64s: [0, 1, 2] });
    expect(refused).toContain(
      'its output is a list of dictionaries, not a tensor. Export with the option zipmap=False',
    );
  });
});

const kernels = ['LINEAR', 'RBF', 'POLY', 'SIGMOID'];

describe('SVMRegressor', () => {
  const vectors = { n_supports: 2, support_vectors: floats(1, 0, 2, -1, 1, 0), coefficients: floats(0.5, -0.3) };
  for (const kernel_type of kernels) {
    test(kernel_type, async () => {
      const attributes = { ...vectors, rho: floats(0.4), kernel_type, kernel_params: floats(0.1, 0.2, 3) };
      await agrees('SVMRegressor', attributes);
      await agrees('SVMRegressor', { ...attributes, one_class: 1 });
    });
  }

  test('without support vectors', () =>
    agrees('SVMRegressor', {
      coefficients: floats(0.5, -0.3, 0.1),
      rho: floats(0.4),
      n_supports: 0,
      kernel_params: floats(0, 0, 0),
    }));
});

describe('SVMClassifier', () => {
  const outputs = ['label', 'scores'];
  const two = {
    rho: floats(0.4),
    support_vectors: floats(1, 0, 2, -1, 1, 0),
    vectors_per_class: [1, 1],
    classlabels_ints: [3, 7],
    coefficients: floats(0.5, -0.3),
  };
  for (const kernel_type of kernels) {
    for (const post_transform of transforms) {
      test(`two classes, ${kernel_type}, ${post_transform}`, () =>
        agrees(
          'SVMClassifier',
          { ...two, kernel_type, kernel_params: floats(0.1, 0.2, 3), post_transform },
          [rows],
          outputs,
        ));
    }
  }

  for (const post_transform of ['NONE', 'LOGISTIC', 'SOFTMAX']) {
    test(`three classes, ${post_transform}`, () => {
      const three = {
        ...two,
        rho: floats(0.4, -0.2, 0.1),
        support_vectors: floats(1, 0, 2, -1, 1, 0, 0.5, 0.5, 0.5, 0.25, 1, -1),
        vectors_per_class: [1, 2, 1],
        classlabels_ints: [3, 7, 9],
        coefficients: floats(0.5, -0.3, 0.2, 0.1, -0.4, 0.25, 0.7, -0.6),
      };
      return agrees(
        'SVMClassifier',
        { ...three, kernel_type: 'RBF', kernel_params: floats(0.1, 0, 0), post_transform },
        [rows],
        outputs,
      );
    });

    test(`without support vectors, ${post_transform}`, async () => {
      const linear = { rho: floats(0.4), kernel_type: 'LINEAR', kernel_params: floats(0, 0, 0), post_transform };
      const mixed = { ...linear, coefficients: floats(0.5, -0.3, 0.2, 0.1, -0.4, 0.25), classlabels_ints: [3, 7] };
      await agrees('SVMClassifier', mixed, [rows], outputs);
      const positive = { ...mixed, coefficients: floats(0.5, 0.3, 0.2, 0.1, 0.4, 0.26) };
      await agrees('SVMClassifier', positive, [rows], outputs);
      const coefficients = floats(0.5, -0.3, 0.2, 0.1, -0.4, 0.25, 1, 0.1, 0);
      await agrees('SVMClassifier', { ...mixed, coefficients, classlabels_ints: [3, 7, 9] }, [rows], outputs);
    });
  }

  test('Platt probabilities are refused', () => {
    const refused = problemOf('SVMClassifier', { ...two, prob_a: floats(-1.5), prob_b: floats(0.2) }, [rows], outputs);
    expect(refused).toContain('its probabilities come from an iteration that stops early');
  });
});
