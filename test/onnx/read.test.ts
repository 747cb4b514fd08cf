import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { OnnxDecodeError } from '../../src/onnx/decode-error.ts';
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from '../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../src/onnx/read.ts';

const root = mkdtempSync(join(tmpdir(), 'vouch-read-'));
const folder = join(root, 'model');
mkdirSync(join(folder, 'data'), { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

const weights = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
writeFileSync(join(folder, 'weights.bin'), weights);
writeFileSync(join(folder, 'data', 'deep.bin'), weights);
writeFileSync(join(root, 'secret.bin'), weights);
symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
symlinkSync(root, join(folder, 'up'));
symlinkSync('weights.bin', join(folder, 'inner-link.bin'));
writeFileSync(join(folder, 'huge.bin'), '');
truncateSync(join(folder, 'huge.bin'), 2 ** 31);

/** A model with one external tensor of two float32. */
function write(entries: Readonly<Record<string, string>>): string {
  const tensor = {
    name: 'w',
    dims: [2n],
    dataType: TensorProto_DataType.FLOAT,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
  const path = join(folder, 'model.onnx');
  writeFileSync(path, toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { initializer: [tensor] } })));
  return path;
}

describe('external data', () => {
  it.each([
    ['an offset and a length', { location: 'weights.bin', offset: '4', length: '8' }, [2, 3]],
    ['an offset alone', { location: 'weights.bin', offset: '8' }, [3, 4]],
    ['a folder below', { location: 'data/deep.bin', length: '8' }, [1, 2]],
    ['a link that stays inside', { location: './inner-link.bin', length: '8' }, [1, 2]],
  ])('is read with %s', (_, entries, expected) => {
    expect(readModel(write(entries)).graph.initializers.get('w')).toMatchObject({ data: new Float64Array(expected) });
  });

  it.each([
    ['an absolute path', { location: join(root, 'secret.bin') }, 'is not a relative path'],
    ['a parent folder', { location: '../secret.bin' }, '" leaves the folder'],
    ['a parent folder in the middle', { location: 'data/../../secret.bin' }, '" leaves the folder'],
    ['a link to outside', { location: 'link.bin' }, 'is a link that leaves the folder'],
    ['a linked folder', { location: 'up/secret.bin' }, 'is a link that leaves the folder'],
    ['no location', {}, 'is not a relative path'],
    ['the folder itself', { location: '.' }, '" leaves the folder'],
    ['a folder', { location: 'data' }, 'is not a file'],
    ['a null byte', { location: 'weights.bin\0' }, 'cannot be read'],
    ['an absent file', { location: 'absent.bin' }, 'cannot be read'],
    ['a huge file', { location: 'huge.bin', length: '8' }, 'has 2147483648 bytes'],
    ['an end beyond the file', { location: 'weights.bin', offset: '12', length: '8' }, 'claims 8 bytes'],
    ['an offset beyond the file', { location: 'weights.bin', offset: '17' }, 'from byte 17'],
    ['a negative offset', { location: 'weights.bin', offset: '-4', length: '8' }, 'external offset "-4"'],
    ['a length of another tensor', { location: 'weights.bin', length: '12' }, 'has 12 bytes of data\nexpected 8'],
    ['an offset that is no number', { location: 'weights.bin', offset: '1e1' }, 'external offset "1e1"'],
    ['an offset beyond 2^53', { location: 'weights.bin', offset: '9999999999999999' }, 'external offset'],
  ])('is refused with %s', (_, entries, message) => {
    const path = write(entries);
    expect(() => readModel(path)).toThrow(OnnxDecodeError);
    expect(() => readModel(path)).toThrow(message);
  });
});

it('refuses a model that is not a readable file', () => {
  expect(() => readModel(folder)).toThrow('is not a file');
  expect(() => readModel(join(folder, 'none.onnx'))).toThrow(OnnxDecodeError);
  expect(() => readModel(join(folder, 'huge.bin'))).toThrow(OnnxDecodeError);
});
