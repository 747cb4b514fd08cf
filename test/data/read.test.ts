import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataFileError } from '../../src/data/data-error.ts';
import type { DataInput } from '../../src/data/data-set.ts';
import { readData } from '../../src/data/read.ts';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
const folder = mkdtempSync(join(tmpdir(), 'vouch-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const row: DataInput[] = [{ name: 'x', shape: [1, 3] }];
const image: DataInput[] = [{ name: 'x', shape: [1, 1, 3, 4] }];
const pair: DataInput[] = [
  { name: 'a', shape: [1, 2] },
  { name: 'b', shape: [1, 1] },
];

async function numbers(path: string, inputs: readonly DataInput[], name = 'x'): Promise<number[]> {
  return [...((await readData(path, inputs)).columns.get(name) ?? [])];
}

async function messageOf(path: string, inputs: readonly DataInput[]): Promise<string> {
  const error = await readData(path, inputs).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataFileError);
  return error instanceof Error ? error.message.replaceAll(folder, '').replaceAll(import.meta.dirname, '') : '';
}

describe('arrays that NumPy wrote', () => {
  const kinds = ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'big-endian', 'fortran'];
  it.each(kinds)('reads ramp-%s.npy', async (kind) => {
    const set = await readData(fixture(`ramp-${kind}.npy`), row);
    expect(set.samples).toBe(2);
    expect([...(set.columns.get('x') ?? [])]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('reads booleans and half floats', async () => {
    expect(await numbers(fixture('ramp-bool.npy'), row)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(await numbers(fixture('halves.npy'), row)).toEqual([0.5, -1.25, 65504, 2 ** -24, -0, 3.140625]);
  });

  it.each(['stored', 'deflated'])('reads %s.npz by name and keeps the label', async (kind) => {
    const set = await readData(fixture(`${kind}.npz`), image);
    expect(set.samples).toBe(2);
    expect([...(set.columns.get('x') ?? [])]).toEqual(Array.from({ length: 24 }, (_, i) => i / 8));
    expect([...set.extra.keys()]).toEqual(['label']);
    expect([...(set.extra.get('label')?.data ?? [])]).toEqual([7, 9]);
  });

  it('takes unnamed arrays in the order of the inputs', async () => {
    const set = await readData(fixture('unnamed.npz'), [
      { name: 'p', shape: [1, 3] },
      { name: 'q', shape: [1, 2] },
    ]);
    expect([...(set.columns.get('q') ?? [])]).toEqual([0, 1, 3, 4]);
  });

  it('says what it cannot read', async () => {
    expect(await messageOf(fixture('complex.npy'), row)).toContain('elements of type "<c8"');
    expect(await messageOf(fixture('text.npy'), row)).toContain('elements of type "<U1"');
    expect(await messageOf(fixture('wide.npy'), row)).toContain('9007199254740992 at element 1');
    expect(await messageOf(fixture('not-a-number.npy'), row)).toContain('"x" is NaN in sample 1, element 1');
    expect(await messageOf(fixture('ramp-f4.npy'), image)).toContain('expected [1, 1, 3, 4] for one sample');
    expect(await messageOf(fixture('ramp-f4.npy'), pair)).toContain('Use an .npz with "a", "b"');
    expect(
      await messageOf(
        fixture('stored.npz'),
        row.map((input) => ({ ...input, name: 'z' })),
      ),
    ).toContain('"x" [2, 1, 3, 4]');
  });
});

describe('damaged NumPy files', () => {
  const npy = readFileSync(fixture('ramp-f4.npy'));
  const npz = readFileSync(fixture('zeros.npz'));
  const zeros: DataInput[] = [{ name: 'x', shape: [1, 100_000] }];

  it('refuses every truncation', async () => {
    for (let length = 0; length < npy.length; length += 5)
      await messageOf(file('cut.npy', npy.subarray(0, length)), row);
    for (let length = 0; length < npz.length; length += 9)
      await messageOf(file('cut.npz', npz.subarray(0, length)), zeros);
  });

  it('refuses a shape beyond the bytes before taking memory', async () => {
    const text = Buffer.from(npy).toString('latin1').replace("'shape': (2, 3), }     ", "'shape': (200000, 300)}");
    expect(text).toContain('200000');
    expect(await messageOf(file('huge.npy', Buffer.from(text, 'latin1')), row)).toContain('60000000 elements');
  });

  it('never unpacks beyond what the archive claims', async () => {
    expect((await readData(fixture('zeros.npz'), zeros)).samples).toBe(1);
    const entry = npz.lastIndexOf('PK\x01\x02', undefined, 'latin1');
    const bomb = Buffer.from(npz);
    bomb.writeUInt32LE(1000, entry + 24);
    expect(await messageOf(file('bomb.npz', bomb), zeros)).toContain('larger than 1000 bytes');
    bomb.writeUInt32LE(2 ** 31, entry + 24);
    expect(await messageOf(file('bomb.npz', bomb), zeros)).toContain('claims to unpack');
  });

  it('checks the checksum', async () => {
    const changed = readFileSync(fixture('stored.npz'));
    changed[changed.indexOf('PK\x01\x02', undefined, 'latin1') - 300] ^= 1;
    expect(await messageOf(file('changed.npz', changed), image)).toContain('checksum');
  });
});

describe('JSON', () => {
  it.each([
    ['one sample', { x: [[1, 2, 3]] }, 1],
    ['one sample without the batch axis', { x: [1, 2, 3] }, 1],
    [
      'several samples',
      {
        x: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      2,
    ],
    ['several samples with the batch axis', { x: [[[1, 2, 3]], [[4, 5, 6]]] }, 2],
    ['a list of samples', [{ x: [1, 2, 3] }, { x: [4, 5, 6] }], 2],
    [
      'the array alone',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      2,
    ],
    ['input_data of one sample', { input_data: [[1, 2, 3]] }, 1],
    ['input_data of two samples, flat', { input_data: [[1, 2, 3, 4, 5, 6]] }, 2],
    [
      'input_data of two samples',
      {
        input_data: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      2,
    ],
  ])('reads %s', async (_, value, samples) => {
    const set = await readData(file('data.json', JSON.stringify(value)), row);
    expect(set.samples).toBe(samples);
    expect([...(set.columns.get('x') ?? [])]).toEqual([1, 2, 3, 4, 5, 6].slice(0, samples * 3));
  });

  it('reads several inputs by name and by position, flat or shaped', async () => {
    for (const value of [
      {
        b: [7, 8],
        a: [
          [1, 2],
          [3, 4],
        ],
      },
      {
        input_data: [
          [1, 2, 3, 4],
          [7, 8],
        ],
      },
    ]) {
      const set = await readData(file('pair.json', JSON.stringify(value)), pair);
      expect(set.names).toEqual(['a', 'b']);
      expect(set.samples).toBe(2);
      expect([...(set.columns.get('a') ?? [])]).toEqual([1, 2, 3, 4]);
      expect([...(set.columns.get('b') ?? [])]).toEqual([7, 8]);
    }
  });

  it('reads JSON Lines with labels', async () => {
    const set = await readData(file('data.jsonl', '{"x":[1,2,3],"label":4}\n\n{"x":[5,6,7],"label":8}\n'), row);
    expect([...(set.columns.get('x') ?? [])]).toEqual([1, 2, 3, 5, 6, 7]);
    expect([...(set.extra.get('label')?.data ?? [])]).toEqual([4, 8]);
  });

  it('leaves other fields alone', async () => {
    const value = { x: [true, false, true], note: 'hello', ragged: [[1], [2, 3]], label: 5 };
    const set = await readData(file('extra.json', JSON.stringify(value)), row);
    expect([...set.extra.keys()]).toEqual(['label']);
  });

  it.each([
    ['{"x": [[1, 2, 3], [4, 5]]}', 'x[1] is a list of 2\nexpected a list of 3, as before it'],
    ['{"x": [[1, 2, 3], 4]}', 'x[1] is the number 4'],
    ['{"x": [[1, 2, null]]}', 'x[0][2] is null\nexpected a number'],
    ['{"x": [1, 2, "3"]}', 'x[2] is the string "3"'],
    ['{"x": [1, 2]}', '"x" in "/bad.json" has shape [2]\nexpected [1, 3]'],
    ['{"x": [1, 2, 1e999]}', '"x" is Infinity in sample 0, element 2'],
    ['{"y": [1, 2, 3]}', 'has no data for "x"'],
    ['{"x": []}', 'has shape [0]'],
    ['{"x": [1, 2, NaN]}', 'is not JSON'],
    ['[{"x": [1, 2, 3]}, {"y": 1}]', 'sample 1 lacks "x"'],
    ['[{"x": [1, 2, 3]}, {"x": [1, 2]}]', 'sample 1 of "x" has shape [2]\nexpected [3]'],
    ['3', 'holds the number 3'],
    [`{"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'nested deeper than 16'],
  ])('refuses %.40s', async (text, message) => {
    expect(await messageOf(file('bad.json', text), row)).toContain(message);
  });

  it('refuses inputs of different counts and unnamed lists for several inputs', async () => {
    expect(await messageOf(file('bad.json', '{"a": [1, 2], "b": [1, 2]}'), pair)).toContain(
      '2 samples of "b" but 1 of "a"',
    );
    expect(await messageOf(file('bad.json', '[[1, 2], [3]]'), pair)).toContain('expected {"name": array}');
    expect(await messageOf(file('bad.jsonl', '{"a": [1, 2], "b": 1}\n{"a": '), pair)).toContain('line 2');
  });
});

describe('CSV', () => {
  it('joins the columns into the single input', async () => {
    const set = await readData(file('a.csv', 'age,"the ""sum""",rate,label\n1,2.5,-3e2,9\n"4",  5 ,.5,8\n'), row);
    expect([...(set.columns.get('x') ?? [])]).toEqual([1, 2.5, -300, 4, 5, 0.5]);
    expect([...(set.extra.get('label')?.data ?? [])]).toEqual([9, 8]);
  });

  it('finds several inputs by name whatever the order of the columns', async () => {
    const set = await readData(file('b.csv', '\ufeffnote,b,a_1,a_0\r\n"x, y\n z",7,2,1\r\nq,8,4,3'), pair);
    expect([...(set.columns.get('a') ?? [])]).toEqual([1, 2, 3, 4]);
    expect([...(set.columns.get('b') ?? [])]).toEqual([7, 8]);
    expect(set.extra.size).toBe(0);
  });

  it.each([
    ['p,q,r\n1,2,3\n4,,6\n', 'line 3, column "q": got ""\nexpected a number'],
    ['p,q,r\n1,2,3\n4,0x1F,6\n', 'line 3, column "q": got "0x1F"'],
    ['p,q,r\n"1\n",2,3\n4,five,6\n', 'line 4, column "q": got "five"'],
    ['p,q,r\n1,2\n', 'line 2: got 2 cells\nexpected 3'],
    ['p,q\n1,2\n', 'has 2 feature columns\nexpected 3 for the input "x" [1, 3]'],
    ['1,2,3\n4,5,6\n', 'has no header line'],
    ['p,p,r\n4,5,6\n', 'two columns "p"'],
    ['p,q,r\n', 'holds no samples'],
    ['', 'holds no samples'],
    ['p,q,r\n1,"2"3,4\n', 'line 2: a quote is out of place'],
    ['p,q,r\n1,"2,3,4\n', 'line 2: a quote is out of place'],
    ['p,q,r\n1,1e999,3\n', 'Infinity in sample 0, element 1'],
  ])('refuses %j', async (text, message) => {
    expect(await messageOf(file('bad.csv', text), row)).toContain(message);
  });

  it('names the columns that are missing', async () => {
    expect(await messageOf(file('c.csv', 'a_0,b\n1,2\n'), pair)).toContain('no column for "a"');
  });
});

it('refuses files it does not know or cannot read', async () => {
  expect(await messageOf(file('data.parquet', ''), row)).toContain('no known data format');
  expect(await messageOf(join(folder, 'absent.json'), row)).toContain('cannot be read');
});
