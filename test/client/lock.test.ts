import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LockedError, withLock } from '../../src/evm/node/lock.ts';

/** What other processes do just before a call; it happens once. */
const before = vi.hoisted(() => new Map<string, () => void>());

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const meanwhile = (name: string) => {
    const act = before.get(name);
    before.delete(name);
    act?.();
  };
  return {
    ...fs,
    linkSync(...values: Parameters<typeof fs.linkSync>) {
      meanwhile('link');
      fs.linkSync(...values);
    },
    renameSync(...values: Parameters<typeof fs.renameSync>) {
      meanwhile('rename');
      fs.renameSync(...values);
    },
  };
});

const DEAD = String(2 ** 30);
const ALIVE = String(process.ppid);

let folder: string;
let path: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-lock-'));
  path = join(folder, 'state.json');
  lock = `${path}.lock`;
  before.clear();
});
afterEach(() => rmSync(folder, { recursive: true }));

const content = () => readFileSync(lock, 'utf8');

test('a lock holds its process from the moment it is there', async () => {
  const seen = vi.fn(() => expect(existsSync(lock)).toBe(false));
  before.set('link', seen);
  await withLock(path, async () => expect(content()).toBe(String(process.pid)));
  expect(seen).toHaveBeenCalledOnce();
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a live process stays, that of a dead one is taken over', async () => {
  writeFileSync(lock, ALIVE);
  await expect(withLock(path, async () => {})).rejects.toThrow(LockedError);
  expect(content()).toBe(ALIVE);
  writeFileSync(lock, DEAD);
  await withLock(path, async () => {
    expect(content()).toBe(String(process.pid));
    await expect(withLock(path, async () => {})).rejects.toThrow(`process ${process.pid} uses it`);
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('of two that see the same stale lock, the slower one gives the lock back', async () => {
  writeFileSync(lock, DEAD);
  before.set('rename', () => writeFileSync(lock, ALIVE));
  await expect(withLock(path, async () => {})).rejects.toThrow(LockedError);
  expect(content()).toBe(ALIVE);
  expect(readdirSync(folder)).toEqual(['state.json.lock']);
});

test('a stale lock that another process removes, or takes first, is no reason to fail or to share', async () => {
  writeFileSync(lock, DEAD);
  before.set('rename', () => rmSync(lock));
  await withLock(path, async () => expect(content()).toBe(String(process.pid)));
  writeFileSync(lock, DEAD);
  before.set('rename', () => before.set('link', () => writeFileSync(lock, ALIVE)));
  await expect(withLock(path, async () => {})).rejects.toThrow(`process ${ALIVE} uses it`);
  expect(content()).toBe(ALIVE);
});
