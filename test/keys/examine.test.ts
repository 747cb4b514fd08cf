import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { examineKey } from '../../src/keys/examine-key.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import type { System } from '../../src/r1cs/system.ts';
import { sectionAt } from './ceremony-fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-examine-'));
afterAll(() => rm(folder, { recursive: true }));

/** Products along a chain; wire 3 occurs on no side. */
function chain(length: number, coefficient = 1): System {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 0, privateInputs: 2 });
  let previous = 2;
  for (let i = 0; i < length; i++) {
    const wire = builder.allocateWires(1, 0);
    builder.a.add(previous, 1);
    builder.b.add(previous, i === 5 ? coefficient : 1);
    builder.b.add(0, i);
    builder.c.add(wire, 1);
    builder.closeRow(0);
    previous = wire;
  }
  builder.a.add(previous, 1);
  builder.b.add(0, 1);
  builder.c.add(1, 1);
  builder.closeRow(0);
  return builder.finish();
}

const system = chain(20);
let key: Uint8Array;
beforeAll(async () => {
  key = Buffer.concat((await createDevelopmentKey(system)).zkey);
});

async function faultOf(change: (bytes: Uint8Array) => void, of: System = system): Promise<string | undefined> {
  const bytes = Uint8Array.from(key);
  change(bytes);
  const path = join(folder, 'key.zkey');
  await writeFile(path, bytes);
  const findings = await examineKey(path, of);
  const { what, fault } = findings[findings.length - 1];
  return fault && `${what}: ${fault}`;
}

/** The point at `index` of a section gets the bytes of another. */
const copy = (section: number, from: number, to: number, size: number) => (bytes: Uint8Array) => {
  const start = sectionAt(bytes, section);
  bytes.copyWithin(start + size * to, start + size * from, start + size * (from + 1));
};

test('an honest key passes every examination', async () => {
  expect(await faultOf(() => {})).toBeUndefined();
  const path = join(folder, 'large.zkey');
  const large = chain(4200);
  await writeFile(path, Buffer.concat((await createDevelopmentKey(large)).zkey));
  expect(await examineKey(path, large)).toEqual(
    ['sizes', 'sides A and B', 'points', 'both groups'].map((what) => ({ what, fault: undefined })),
  );
});

test.each([
  ['more rows', () => {}, chain(21), 'sizes: the key is for 24 wires'],
  ['another coefficient', () => {}, chain(20, 3), "sides A and B: term 30 is another than the circuit's"],
  [
    'a point off the curve',
    (b: Uint8Array) => b.fill(7, sectionAt(b, 5) + 64 * 4, sectionAt(b, 5) + 64 * 4 + 8),
    system,
    'points: point 4 of section A does not lie on the curve',
  ],
  [
    'a missing point',
    (b: Uint8Array) => b.fill(0, sectionAt(b, 8) + 64 * 2, sectionAt(b, 8) + 64 * 3),
    system,
    'points: point 2 of section C is infinite',
  ],
  ['a point for an unused wire', copy(5, 4, 3, 64), system, 'points: point 3 of section A belongs to a wire'],
  ['another point of B1', copy(6, 4, 5, 64), system, 'both groups: sections B1 and B2'],
  ['another point of B2', copy(7, 4, 5, 128), system, 'both groups: sections B1 and B2'],
  [
    'another beta',
    (b: Uint8Array) => b.copyWithin(sectionAt(b, 2) + 84 + 64, sectionAt(b, 2) + 84, sectionAt(b, 2) + 148),
    system,
    'both groups: beta differs',
  ],
])('%s is found', async (_, change, of, fault) => {
  expect(await faultOf((bytes) => void change(bytes), of)).toContain(fault);
});
