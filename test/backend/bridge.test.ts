import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startBridge } from '../../src/backend/ezkl/bridge.ts';
import { programEnvironment } from '../../src/backend/ezkl/environment.ts';
import { anyCall, isAlive, makeFakeBridge } from './fake-bridge.ts';

const limits = { memoryMb: 2000, timeoutMs: 60_000, stallMs: 60_000 };
const linux = process.platform === 'linux';

/** Starts a bridge that behaves so, makes one call and says how that ended; nothing of it may run afterwards. */
async function callOnce(behaviour: string, changed: Partial<typeof limits> = {}): Promise<unknown> {
  const fake = makeFakeBridge();
  const outcome = await startBridge(fake.python, { ...limits, ...changed }, fake.script(behaviour)).then(
    async (tool) => {
      const answer = await tool.call('gen_srs', anyCall).catch((error: unknown) => error);
      await tool.close();
      return answer;
    },
    (error: unknown) => error,
  );
  const pids = fake.pids();
  expect(pids.length).toBeGreaterThan(0);
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  return outcome;
}

test.each(['honest', 'slow-line'])(
  'a bridge that is %s answers call after call and ends with its input',
  async (how) => {
    const fake = makeFakeBridge();
    const tool = await startBridge(fake.python, limits, fake.script(how));
    expect(tool).toMatchObject({ kind: 'wheel', version: '23.0.5' });
    for (let id = 1; id <= 3; id++) {
      expect(await tool.call('gen_srs', anyCall)).toBe(true);
      expect(fake.request()).toEqual({ id, call: 'gen_srs', arguments: anyCall });
    }
    await tool.close();
    expect(fake.pids().filter(isAlive)).toEqual([]);
    await expect(tool.call('gen_srs', anyCall)).rejects.toMatchObject({ name: 'Backend.EzklEndedError' });
  },
);

test('of the environment EZKL gets what it needs, and no proxy that is there', async () => {
  const secrets = ['AWS_SECRET_ACCESS_KEY', 'VOUCH_PRIVATE_KEY', 'PIP_INDEX_URL'];
  const loaders = ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'PYTHONSTARTUP', 'BASH_ENV', 'EZKL_KEY_FORMAT'];
  for (const name of [...secrets, ...loaders]) vi.stubEnv(name, '/nowhere');
  const passed = { RAYON_NUM_THREADS: '3', LC_ALL: 'C.UTF-8', TMPDIR: tmpdir() };
  for (const [name, value] of Object.entries(passed)) vi.stubEnv(name, value);
  vi.stubEnv('HTTPS_PROXY', 'http://proxy.example');
  onTestFinished(() => void vi.unstubAllEnvs());
  const fake = makeFakeBridge();
  await (await startBridge(fake.python, limits, fake.script('honest'))).close();
  const { PATH, HOME, ...found } = fake.environment();
  expect([PATH, HOME]).toEqual([process.env.PATH, process.env.HOME]);
  expect(found).toMatchObject({ ...passed, HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' });
  const known = /^(USER|LOGNAME|TMP|TEMP|TMPDIR|LANG|LANGUAGE|LC_\w+|TZ|RAYON_\w+|RUST_BACKTRACE)$/;
  const made = /^(NO_COLOR|PYTHONDONTWRITEBYTECODE|(HTTPS?|ALL|NO)_PROXY)$/i;
  expect(Object.keys(found).filter((name) => !known.test(name) && !made.test(name))).toEqual([]);
});

test('to fetch the wheel, pip keeps its index, its certificates and its proxy, and nothing else', () => {
  const needed = { PATH: '/bin', PIP_INDEX_URL: 'https://index.example', HTTPS_PROXY: 'http://proxy.example' };
  const secrets = { NPM_TOKEN: 'secret', PYTHONPATH: '/nowhere', LD_PRELOAD: '/nowhere' };
  const own = { NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1' };
  expect(programEnvironment('open', { ...needed, ...secrets })).toEqual({ ...needed, ...own });
  expect(programEnvironment('closed', { ...needed, ...secrets })).not.toHaveProperty('PIP_INDEX_URL');
});

const made: string[] = [];

test('a fake bridge goes with its test', () => {
  made.push(makeFakeBridge().python);
  expect(existsSync(made[0])).toBe(true);
});

test('and is gone afterwards', () => {
  expect(made.filter(existsSync)).toEqual([]);
  expect(made).toHaveLength(1);
});

test('a second call while one is under way is a defect of ours', async () => {
  const fake = makeFakeBridge();
  const tool = await startBridge(fake.python, limits, fake.script('hangs'));
  const controller = new AbortController();
  const first = tool.call('gen_srs', anyCall, { signal: controller.signal });
  await expect(tool.call('gen_srs', anyCall)).rejects.toMatchObject({ name: 'InternalError' });
  controller.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  await tool.close();
});

test.each([
  ['other-version', { name: 'Backend.EzklVersionError', message: expect.stringMatching(/22\.1\.0.*23\.0\.5/) }],
  ['other-protocol', { name: 'Backend.BridgeProtocolError', message: expect.stringContaining('"protocol":2') }],
  ['garbage', { name: 'Backend.BridgeProtocolError', message: expect.stringContaining('Segmentation fault?') }],
  ['no-object', { name: 'Backend.BridgeProtocolError' }],
  ['wrong-id', { name: 'Backend.BridgeProtocolError', message: expect.stringContaining('an answer to request 1') }],
  ['no-answer', { name: 'Backend.BridgeProtocolError' }],
  ['endless-line', { name: 'Backend.BridgeProtocolError' }],
  ['dies-at-start', { name: 'Backend.EzklEndedError', message: expect.stringContaining('No module named ezkl') }],
  [
    'dies',
    { name: 'Backend.EzklEndedError', message: expect.stringMatching(/gen_srs with exit code 101[\s\S]*panicked/) },
  ],
  ['aborts', { name: 'Backend.OutOfMemoryError', message: expect.stringContaining('137438953472') }],
  ['refuses', { name: 'Backend.EzklRefusedError', call: 'gen_srs', complaint: '[graph] no such operator' }],
  ['no-memory', { name: 'Backend.OutOfMemoryError', message: expect.stringContaining('2000 MB') }],
  ['panics', { name: 'Backend.EzklRefusedError', complaint: 'PanicException: index out of bounds' }],
  ['disk', { code: 'ENOSPC' }],
])('a bridge that %s is an error that says so, and nothing of it is left', async (behaviour, expected) => {
  expect(await callOnce(behaviour)).toMatchObject(expected);
});

test('what an earlier call printed is not why a later one ends', async () => {
  const fake = makeFakeBridge();
  const tool = await startBridge(fake.python, limits, fake.script('chatters'));
  expect(await tool.call('gen_srs', anyCall)).toBe(true);
  // Both streams are read by now.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const error = await tool.call('gen_srs', anyCall).catch((reason: Error) => reason);
  expect(error).toMatchObject({ name: 'Backend.EzklEndedError', message: expect.not.stringContaining('a report') });
});

test('a bridge that never becomes ready is ended', async () => {
  const error = await callOnce('silent', { timeoutMs: 500 });
  expect(error).toMatchObject({ name: 'Backend.EzklTimeoutError', message: expect.stringContaining('start') });
});

test('a call that takes too long is ended', async () => {
  const error = await callOnce('works', { timeoutMs: 500 });
  expect(error).toMatchObject({ name: 'Backend.EzklTimeoutError', message: expect.stringContaining('after 0.5 s') });
});

test('to verify has a time of its own', async () => {
  const fake = makeFakeBridge();
  const tool = await startBridge(fake.python, { ...limits, verifyMs: 500 }, fake.script('works'));
  const given = { proof_path: 'p', settings_path: 's', vk_path: 'v', srs_path: 'k', reduced_srs: false };
  await expect(tool.call('verify', given)).rejects.toMatchObject({
    name: 'Backend.EzklTimeoutError',
    message: expect.stringContaining('after 0.5 s'),
  });
  await tool.close();
});

test.runIf(linux)('a call that does nothing is ended, with what it started', async () => {
  const error = await callOnce('hangs', { stallMs: 500 });
  expect(error).toMatchObject({ name: 'Backend.EzklTimeoutError', message: expect.stringContaining('did nothing') });
});

test.runIf(linux)('a call that grows beyond its memory is ended before the machine is', async () => {
  const error = await callOnce('grows', { memoryMb: 100 });
  expect(error).toMatchObject({ name: 'Backend.OutOfMemoryError', message: expect.stringContaining('100 MB') });
});

test('a killed bridge is named by its signal', async () => {
  const fake = makeFakeBridge();
  const tool = await startBridge(fake.python, limits, fake.script('hangs'));
  const call = tool.call('gen_srs', anyCall);
  const ended = expect(call).rejects.toMatchObject({
    name: 'Backend.EzklEndedError',
    message: expect.stringContaining('signal SIGKILL'),
  });
  await expect.poll(() => fake.pids().length).toBe(2);
  process.kill(fake.pids()[0], 'SIGKILL');
  await ended;
  await expect.poll(() => fake.pids().filter(isAlive)).toEqual([]);
});

test('an abort ends all of it, and the call rejects with its reason', async () => {
  const fake = makeFakeBridge();
  const tool = await startBridge(fake.python, limits, fake.script('hangs'));
  const controller = new AbortController();
  const seen: number[] = [];
  const call = tool.call('gen_srs', anyCall, {
    signal: controller.signal,
    onUsage({ elapsedMs, residentMb }) {
      seen.push(elapsedMs, residentMb);
      controller.abort(new Error('the user left'));
    },
  });
  if (!linux) controller.abort(new Error('the user left'));
  await expect(call).rejects.toThrow('the user left');
  expect(fake.pids().filter(isAlive)).toEqual([]);
  if (linux) expect(seen.every((value) => value > 0)).toBe(true);
});

test('a Python that is not there is named', async () => {
  const start = startBridge('/nowhere/python', limits);
  await expect(start).rejects.toMatchObject({
    name: 'Backend.EzklEndedError',
    message: expect.stringContaining('/nowhere/python'),
  });
});

/** A process that has a bridge at work and would never finish. */
function startOwner(python: string, script: string) {
  const module = pathToFileURL('src/backend/ezkl/bridge.ts').href;
  const program = `
    import { startBridge } from '${module}';
    const tool = await startBridge('${python}', ${JSON.stringify(limits)}, '${script}');
    tool.call('gen_srs', ${JSON.stringify(anyCall)});
    console.log('at work');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
  child.stderr.pipe(process.stderr);
  return child;
}

test.runIf(linux).each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'when %s ends the process that asked, the bridge ends too',
  async (signal) => {
    const fake = makeFakeBridge();
    const owner = startOwner(fake.python, fake.script('hangs'));
    await once(owner.stdout, 'data');
    await expect.poll(() => fake.pids().length, { timeout: 10_000 }).toBe(2);
    owner.kill(signal);
    await once(owner, 'close');
    const [leader, child] = fake.pids();
    await expect.poll(() => isAlive(leader), { timeout: 10_000 }).toBe(false);
    // A killed process can no longer end what the bridge has started, and EZKL starts nothing.
    if (signal === 'SIGKILL') process.kill(child, 'SIGKILL');
    await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false);
  },
);
