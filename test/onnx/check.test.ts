import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { checkModel, OnnxModelError, topologicalOrder } from '../../src/onnx/check.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { AttributeProto_AttributeType as Kind, ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import type { OnnxModel } from '../../src/onnx/model.ts';

type GraphInit = NonNullable<MessageInitShape<typeof ModelProtoSchema>['graph']>;

function model(graph: GraphInit, domains: readonly string[] = ['']): OnnxModel {
  const opsetImport = domains.map((domain) => ({ domain, version: 17n }));
  return decodeModel(toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport, graph })));
}

/** A node from a line such as `c = Add(a, b)`; its name is the first output's in capitals. */
function nodes(...lines: string[]) {
  return lines.map((line) => {
    const [left, op, right] = line.split(/ = |\(|\)/);
    const output = left.split(', ');
    return { name: output[0].toUpperCase(), opType: op, output, input: right === '' ? [] : right.split(', ') };
  });
}

const named = (...names: string[]) => names.map((name) => ({ name }));
const messages = (from: OnnxModel): string[] => checkModel(from).map(({ node, message }) => `${node}: ${message}`);

describe('a sound graph', () => {
  it('has no problems, in whatever order its nodes stand', () => {
    const sound = model({
      node: nodes('c = Add(b, w)', 'b = Relu(a)', 'd = Dropout(c, , w)', 'e = RandomNormal()'),
      input: named('a', 'w'),
      output: named('d', 'e'),
      initializer: [{ name: 'w', dataType: 1, dims: [], floatData: [1] }],
    });
    expect(messages(sound)).toEqual([]);
    expect(topologicalOrder(sound.graph).map(({ name }) => name)).toEqual(['B', 'E', 'C', 'D']);
  });

  it('may read values of the surrounding graph in a branch, and name its own as it likes', () => {
    const branch = { node: nodes('y = Relu(late)', 'z = Abs(y)'), output: named('z') };
    const sound = model({
      node: [
        { ...nodes('y = If(a)')[0], attribute: [{ name: 'then_branch', type: Kind.GRAPH, g: branch }] },
        ...nodes('late = Neg(a)'),
      ],
      input: named('a'),
      output: named('y'),
    });
    expect(messages(sound)).toEqual([]);
    expect(topologicalOrder(sound.graph).map(({ name }) => name)).toEqual(['LATE', 'Y']);
  });
});

it('does not take a name that a body declares itself for a read of the surrounding graph', () => {
  const initializer = [{ name: 'w', dataType: 1, dims: [], floatData: [1] }];
  const body = { input: named('y'), initializer, node: nodes('z = Add(y, w)'), output: named('z') };
  const attribute = [{ name: 'body', type: Kind.GRAPH, g: body }];
  const loop = { ...nodes('y, w = Loop(a)')[0], attribute };
  expect(messages(model({ node: [loop], input: named('a'), output: named('y', 'w') }))).toEqual([]);
});

describe('a broken graph', () => {
  it('gets all its problems listed at once', () => {
    const broken = model(
      {
        node: [
          ...nodes('b = Relu(a)', 'b = Abs(nowhere)', 'a = Neg(b)', 'c = Gather(elsewhere, j)', 'j = Neg(c)'),
          { name: 'S', opType: 'Scaler', domain: 'ai.onnx.ml', input: ['a'], output: ['s'] },
          { name: 'T', opType: 'Scaler', domain: 'ai.onnx.ml', input: ['a'], output: ['t'] },
        ],
        input: named('a', 'p', 'p'),
        output: named('c', 'gone', 'c'),
        initializer: [1, 2].map((value) => ({ name: 'w', dataType: 1, dims: [], floatData: [value] })),
      },
      [''],
    );
    expect(messages(broken)).toEqual([
      'p: input "p" is declared twice',
      'w: initialiser "w" is given twice',
      'B: value "b" is produced twice',
      'A: value "a" is produced twice',
      'B: reads "nowhere", which nothing produces',
      'C: reads "elsewhere", which nothing produces',
      'S: domain "ai.onnx.ml" has no operator set version',
      'gone: is never produced',
      'c: output "c" is declared twice',
      expect.stringMatching(/^[CJ]: is part of a cycle: [CJ] → [CJ] → [CJ]$/),
    ]);
    expect(new OnnxModelError(checkModel(broken)).message).toContain(
      '- Gather "C" (opset 17): reads "elsewhere", which nothing produces. Re-export the model.',
    );
  });

  it('names the nodes of a cycle and no others', () => {
    const cyclic = model({
      node: nodes('before = Abs(x)', 'p = Add(before, r)', 'q = Relu(p)', 'r = Neg(q)', 'after = Exp(r)'),
      input: named('x'),
      output: named('after'),
    });
    const [problem] = checkModel(cyclic);
    const cycle = problem.message.replace('is part of a cycle: ', '').split(' → ');
    expect(cycle.slice(0, -1).sort()).toEqual(['P', 'Q', 'R']);
    expect(`P → Q → R → P → Q → R`).toContain(cycle.join(' → '));
  });

  it('finds a node that reads itself, also through its branch', () => {
    expect(messages(model({ node: nodes('a = Relu(a)'), output: named('a') }))).toEqual([
      'A: is part of a cycle: A → A',
    ]);
    const branch = { node: nodes('inner = Abs(y)'), output: named('inner') };
    const attribute = [{ name: 'then_branch', type: Kind.GRAPH, g: branch }];
    const looped = model({ node: [{ ...nodes('y = If(c)')[0], attribute }], input: named('c'), output: named('y') });
    expect(messages(looped)).toEqual(['Y: is part of a cycle: Y → Y']);
  });

  it('is checked within branches too', () => {
    const branch = { node: nodes('i = Abs(missing)', 'j = Neg(k)', 'k = Neg(j)'), output: named('absent') };
    const attribute = [{ name: 'else_branch', type: Kind.GRAPH, g: branch }];
    const broken = model({ node: [{ ...nodes('y = If(c)')[0], attribute }], input: named('c'), output: named('y') });
    expect(messages(broken)).toEqual([
      'I: reads "missing", which nothing produces',
      'absent: is never produced',
      expect.stringMatching(/is part of a cycle: (J → K → J|K → J → K)/),
    ]);
  });

  it('has its message cut short but not its list of problems', () => {
    const broken = model({ node: nodes(...Array.from({ length: 300 }, (_, i) => `n${i} = Abs(m${i})`)) });
    const error = new OnnxModelError(checkModel(broken));
    expect(error.problems).toHaveLength(300);
    expect(error.message.split('\n')).toHaveLength(202);
    expect(error.message).toContain('… and 100 more');
  });
});

it('checks 100,000 nodes in a second or two of the processor', () => {
  const count = 100_000;
  const chain = Array.from({ length: count }, (_, i) => ({ opType: 'Relu', input: [`v${i}`], output: [`v${i + 1}`] }));
  const long = model({ node: chain.reverse(), input: named('v0'), output: named(`v${count}`) });
  const start = process.cpuUsage();
  expect(checkModel(long)).toEqual([]);
  expect(process.cpuUsage(start).user).toBeLessThan(3e6);
});
