import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { withRoom } from '../../src/backend/ezkl/room.ts';
import { EzklEndedError } from '../../src/backend/ezkl/supervise.ts';
import { EzklRefusedError } from '../../src/backend/ezkl/tool.ts';
import { makeFakeEzkl } from './fake-ezkl.ts';

const disk = vi.hoisted(() => ({ blocks: 1000, bavail: 1000, asked: [] as string[] }));

/** A disk of a test's own needs the rights of an administrator; the tests with EZKL have one where they may. */
vi.mock('node:fs/promises', async (actual) => ({
  ...(await actual<typeof import('node:fs/promises')>()),
  statfs: async (path: string) => {
    disk.asked.push(path);
    return disk;
  },
}));

const folder = mkdtempSync(join(tmpdir(), 'vouch-room-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => Object.assign(disk, { blocks: 1000, bavail: 1000, asked: [] }));

const solve = (ezkl = makeFakeEzkl()) =>
  withRoom(ezkl).call('gen_witness', {
    data: '/elsewhere/input.json',
    model: '/elsewhere/model.compiled',
    output: join(folder, 'witness.json'),
    vk_path: null,
    srs_path: null,
  });

test('what EZKL wrote to a full disk is not there, whatever it says of it', async () => {
  expect(await solve()).toBe(true);
  expect(disk.asked).toEqual([folder]);
  disk.bavail = 0;
  await expect(solve()).rejects.toMatchObject({ code: 'ENOSPC' });
  const refusing = makeFakeEzkl({
    gen_witness: () => {
      throw new EzklRefusedError('gen_witness', '[json] EOF while parsing a value');
    },
  });
  await expect(solve(refusing)).rejects.toMatchObject({ code: 'ENOSPC' });
  disk.bavail = 1;
  await expect(solve(refusing)).rejects.toMatchObject({ name: 'Backend.EzklRefusedError' });
});

test('a call that was killed is that, and a system that counts no blocks has no full disks', async () => {
  disk.bavail = 0;
  const killed = makeFakeEzkl({
    gen_witness: () => Promise.reject(new EzklEndedError('gen_witness', 'signal SIGKILL', [])),
  });
  await expect(solve(killed)).rejects.toMatchObject({ name: 'Backend.EzklEndedError' });
  disk.blocks = 0;
  expect(await solve()).toBe(true);
});

test('what EZKL only reads may lie on a disk without room', async () => {
  disk.bavail = 0;
  const verify = withRoom(makeFakeEzkl({ verify: () => true })).call('verify', {
    proof_path: '/a/proof.json',
    settings_path: '/b/settings.json',
    vk_path: '/b/vk.key',
    srs_path: '/b/kzg.srs',
    reduced_srs: false,
  });
  expect(await verify).toBe(true);
  expect(disk.asked).toEqual([]);
});
