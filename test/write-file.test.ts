import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replaceFile, replaceFiles, writeFileAtomically } from '../src/write-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'vouch-write-'));
afterAll(() => rm(folder, { recursive: true }));

test('a failing source leaves the old file and nothing else', async () => {
  const inside = await mkdtemp(join(folder, 'one-'));
  const path = join(inside, 'file');
  await writeFileAtomically(path, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  function* failing() {
    yield Uint8Array.of(9);
    throw new Error('source broke');
  }
  await expect(writeFileAtomically(path, failing())).rejects.toThrow('source broke');
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  expect(await readdir(inside)).toEqual(['file']);
});

test('files of a folder get their new contents together or not at all', async () => {
  const inside = join(folder, 'a', 'b');
  const broken = replaceFiles(inside, async (write) => {
    await write('first', [Uint8Array.of(1)]);
    throw new Error('second broke');
  });
  await expect(broken).rejects.toThrow('second broke');
  expect(await readdir(folder)).not.toContain('a');

  await mkdir(inside, { recursive: true });
  await writeFile(join(inside, 'other'), 'kept');
  await replaceFiles(inside, async (write) => {
    await write('first', [Uint8Array.of(1)]);
    expect(await readdir(inside)).toHaveLength(2);
    await write('second', [Uint8Array.of(2)]);
  });
  expect((await readdir(inside)).sort()).toEqual(['first', 'other', 'second']);
});

test('a file that another program writes comes and goes with the others', async () => {
  const inside = await mkdtemp(join(folder, 'placed-'));
  const broken = replaceFiles(inside, async (_write, place) => {
    await writeFile(place('first'), 'half');
    throw new Error('the program was killed');
  });
  await expect(broken).rejects.toThrow('was killed');
  expect(await readdir(inside)).toEqual([]);
  await replaceFiles(inside, async (write, place) => {
    await writeFile(place('first'), 'whole');
    await write('second', []);
  });
  expect((await readdir(inside)).sort()).toEqual(['first', 'second']);
  expect(await readFile(join(inside, 'first'), 'utf8')).toBe('whole');
});

test('a full disk and a place that may not be written are errors that say so', async () => {
  const path = join(folder, 'large');
  // The system's own full device stands in for a disk.
  await expect(replaceFile(path, () => writeFile('/dev/full', 'x'))).rejects.toMatchObject({ name: 'FullDiskError' });
  await writeFile(join(folder, 'file'), '');
  for (const place of [join(folder, 'missing', 'file'), join(folder, 'file', 'file')]) {
    await expect(writeFileAtomically(place, [])).rejects.toMatchObject({ name: 'UnwritableFileError' });
  }
  await expect(replaceFiles(join(folder, 'file', 'x'), async () => {})).rejects.toThrow('cannot be written');
  const reading = replaceFile(path, async () => void (await readFile(join(folder, 'missing'))));
  await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
});

/** A process that has begun to write a file and a folder, and would never finish. */
function startWriter(inside: string, end: string): ChildProcess {
  const program = `
    import { replaceFile, replaceFiles } from './src/write-file.ts';
    import { writeFile } from 'node:fs/promises';
    const forever = new Promise(() => setInterval(() => {}, 1000));
    replaceFile('${inside}/file', async (temporary) => {
      await writeFile(temporary, 'half');
      await replaceFiles('${inside}/x/y', async (write) => { await write('z', []); ${end} await forever; });
    });`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the process and leaves no file', async (signal) => {
  const inside = await mkdtemp(join(folder, 'signal-'));
  const child = startWriter(inside, `console.log('ready');`);
  await once(child.stdout ?? child, 'data');
  expect(await readdir(inside)).toHaveLength(2);
  child.kill(signal);
  expect(await once(child, 'close')).toEqual([null, signal]);
  expect(await readdir(inside)).toEqual([]);
});

test('an exit or an uncaught error leaves no file', async () => {
  for (const end of ['process.exit(3);', "setTimeout(() => { throw new Error('crash'); });"]) {
    const inside = await mkdtemp(join(folder, 'exit-'));
    const child = startWriter(inside, end);
    const [code] = await once(child, 'close');
    expect(code).toBeGreaterThan(0);
    expect(await readdir(inside)).toEqual([]);
  }
});
