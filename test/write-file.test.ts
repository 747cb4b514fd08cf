import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimes, mkdir, mkdtemp, readdir, readFile, rm, rmdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { withFolderLock } from '../src/folder-lock.ts';
import { makeFolder, replaceFile, replaceFiles, replaceFolder, writeFileAtomically } from '../src/write-file.ts';

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

test('what a killed process left is removed by the next that writes there, and what a living one has is not', async () => {
  const inside = await mkdtemp(join(folder, 'killed-'));
  const temporaries = async () => (await readdir(inside, { recursive: true })).filter((name) => /\.tmp$/.test(name));
  const start = async () => {
    const child = startWriter(inside, `console.log('ready');`);
    await once(child.stdout ?? child, 'data');
    return { kill: () => child.kill('SIGKILL') && once(child, 'close'), made: await temporaries() };
  };
  const first = await start();
  await first.kill();
  expect(await temporaries()).toEqual(first.made);
  expect(first.made).toHaveLength(2);
  const second = await start();
  expect(second.made).toHaveLength(2);
  expect(second.made).not.toEqual(expect.arrayContaining([first.made[0]]));
  await writeFileAtomically(join(inside, 'other'), []);
  expect(await temporaries()).toEqual(second.made);
  await second.kill();
});

test('a temporary folder that a killed process left is removed by the next', async () => {
  const system = await mkdtemp(join(folder, 'system-'));
  const run = async (end: string) => {
    const program = `
      import { withTemporaryFolder } from './src/temporary.ts';
      await withTemporaryFolder(async () => { ${end} });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      env: { ...process.env, TMPDIR: system },
    });
    await once(child, 'close');
    return (await readdir(system)).filter((name) => name.startsWith('vouch-'));
  };
  expect(await run(`process.kill(process.pid, 'SIGKILL');`)).toHaveLength(1);
  // Names like ours that nobody who is gone has given.
  for (const name of ['vouch-other', 'vouch-00000000-1-abcdef']) await mkdir(join(system, name));
  expect(await run('')).toEqual(['vouch-00000000-1-abcdef', 'vouch-other']);
});

test('files get no names while another process gives names in the folder', async () => {
  const inside = await mkdtemp(join(folder, 'race-'));
  const lock = join(inside, 'new.lock');
  await mkdir(lock);
  const written = { done: false };
  const writing = replaceFiles(inside, async (write) => {
    await write('file', []);
    written.done = true;
  });
  await expect.poll(() => written.done).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await readdir(inside)).not.toContain('file');
  await rmdir(lock);
  await writing;
  expect(await readdir(inside)).toEqual(['file']);
});

test('a folder takes the place of another, also of one that came meanwhile', async () => {
  const [place, lock] = [join(folder, 'place'), join(folder, 'place.lock')];
  for (const name of ['old', 'first', 'second']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'name'), name);
  }
  await replaceFolder(join(folder, 'old'), place);
  await mkdir(lock);
  const replaced = Promise.all(['first', 'second'].map((name) => replaceFolder(join(folder, name), place)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await readFile(join(place, 'name'), 'utf8')).toBe('old');
  await rmdir(lock);
  await replaced;
  expect(['first', 'second']).toContain(await readFile(join(place, 'name'), 'utf8'));
  expect((await readdir(folder)).filter((name) => /^(old|first|second|place)\b/.test(name))).toEqual(['place']);
});

test('a folder that cannot be given its name leaves the one that has it', async () => {
  const place = await mkdtemp(join(folder, 'kept-'));
  await writeFile(join(place, 'name'), 'old');
  await expect(replaceFolder(join(folder, 'never-made'), place)).rejects.toMatchObject({ name: 'UnwritableFileError' });
  expect(await readdir(place)).toEqual(['name']);
});

test.each([
  ['past', -60_000],
  ['future', 60_000],
])('a lock that a killed process left does not last, though it be of the %s', async (_, offset) => {
  const inside = await mkdtemp(join(folder, 'stale-'));
  await mkdir(join(inside, 'new.lock'));
  const time = new Date(Date.now() + offset);
  await utimes(join(inside, 'new.lock'), time, time);
  await replaceFiles(inside, async (write) => write('file', []));
  expect(await readdir(inside)).toEqual(['file']);
});

test('a link in place of a lock is an error', async () => {
  const inside = await mkdtemp(join(folder, 'link-'));
  const lock = join(inside, 'new.lock');
  await symlink(join(inside, 'nowhere'), lock);
  const past = new Date(Date.now() - 60_000);
  await lutimes(lock, past, past);
  const writing = replaceFiles(inside, async (write) => write('file', []));
  await expect(writing).rejects.toMatchObject({ name: 'UnwritableFileError' });
  expect(await readdir(inside)).toEqual(['new.lock']);
});

test('a lock that others keep is waited for with patience, not for ever', async () => {
  const lock = join(await mkdtemp(join(folder, 'held-')), 'new.lock');
  await mkdir(lock);
  const taken = vi.fn();
  const waiting = withFolderLock(lock, taken, { patienceMs: 20 });
  await expect(waiting).rejects.toMatchObject({ name: 'FolderLockedError', message: expect.stringContaining(lock) });
  expect(taken).not.toHaveBeenCalled();
  await rmdir(lock);
  await withFolderLock(lock, taken, { patienceMs: 20 });
  expect(taken).toHaveBeenCalledOnce();
});

test('a file goes as others come, and stays where they do not', async () => {
  const inside = await mkdtemp(join(folder, 'removed-'));
  await writeFile(join(inside, 'old'), '');
  await mkdir(join(inside, 'blocked'));
  const remove = ['old', 'never-there'];
  const put = (name: string) => replaceFiles(inside, (write) => write(name, []), { remove });
  await expect(put('blocked')).rejects.toMatchObject({ name: 'UnwritableFileError' });
  expect((await readdir(inside)).sort()).toEqual(['blocked', 'old']);
  await put('file');
  expect((await readdir(inside)).sort()).toEqual(['blocked', 'file']);
});

test('machines of one image, which differ in when they were started, do not take each other for themselves', async () => {
  const ownerAt = async (boot: string) => {
    vi.resetModules();
    vi.doMock('node:fs', async (original) => ({
      ...(await original<typeof import('node:fs')>()),
      readFileSync: (path: string) => (path === '/proc/sys/kernel/random/boot_id' ? `${boot}\n` : ''),
    }));
    return (await import('../src/abandoned.ts')).owner;
  };
  const [one, other, again] = [await ownerAt('1'), await ownerAt('2'), await ownerAt('1')];
  vi.doUnmock('node:fs');
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9]+$/);
  expect(other).not.toBe(one);
  expect(again).toBe(one);
});

test('a folder in place of a file is refused before another file gets its name', async () => {
  const inside = await mkdtemp(join(folder, 'blocked-'));
  await mkdir(join(inside, 'second'));
  const writing = replaceFiles(inside, async (write) => {
    await write('first', []);
    await write('second', []);
  });
  await expect(writing).rejects.toMatchObject({ name: 'UnwritableFileError' });
  expect(await readdir(inside)).toEqual(['second']);
});

test('a folder that changed in the meantime is left as it is', async () => {
  const inside = await mkdtemp(join(folder, 'checked-'));
  const check = () => {
    throw new Error('somebody was here');
  };
  await expect(replaceFiles(inside, async (write) => write('file', []), { check })).rejects.toThrow('somebody');
  expect(await readdir(inside)).toEqual([]);
});

test('a folder that cannot be made is an error at once, and leaves none of its parents', async () => {
  const long = 'n'.repeat(300);
  await writeFile(join(folder, 'no-folder'), '');
  for (const path of ['/proc/x/y/z', join(folder, 'new', long, 'deep'), join(folder, 'no-folder')]) {
    await expect(makeFolder(path)).rejects.toMatchObject({ name: 'UnwritableFileError' });
    await expect(replaceFiles(path, async () => {})).rejects.toMatchObject({ name: 'UnwritableFileError' });
  }
  expect(await readdir(folder)).not.toContain('new');
  expect(await makeFolder(join(folder, 'deep', 'er'))).toBe(join(folder, 'deep'));
  expect(await makeFolder(join(folder, 'deep', 'er'))).toBeUndefined();
});
