import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { applyBeacon, contribute } from '../../src/keys/ceremony/contribute.ts';
import { blake2bOfFile } from '../../src/keys/ceremony/digest.ts';
import { readPhaseTwoKey } from '../../src/keys/ceremony/phase-two-key.ts';
import { admitPtau } from '../../src/keys/ceremony/ptau.ts';
import { startCeremony } from '../../src/keys/ceremony/start.ts';
import { decodeTranscript, encodeTranscript, matchTranscript } from '../../src/keys/ceremony/transcript.ts';
import { verifyCeremony } from '../../src/keys/ceremony/verify.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { proveGroth16 } from '../../src/prove/groth16.ts';
import { createSystemBuilder } from '../../src/r1cs/builder.ts';
import { writeR1cs } from '../../src/r1cs/file.ts';
import type { System } from '../../src/r1cs/system.ts';
import { verifyGroth16 } from '../../src/verify/groth16.ts';
import { writeFileAtomically } from '../../src/write-file.ts';
import { addon, thorough } from '../kernel/native.ts';
import { toySystem, toyWitness } from '../r1cs/toy.ts';
import { makePtau, sectionAt, snarkjsAccepts } from './ceremony-fixture.ts';

// Every step is a process of its own, which takes a second on an idle machine and far longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });
const snarkjs = await import('snarkjs');
const kernel = createSnarkjsKernel();
const folder = await mkdtemp(join(tmpdir(), 'vouch-ceremony-'));
const at = (name: string) => join(folder, name);
const r1cs = at('toy.r1cs');
const RANDOMNESS = '9f'.repeat(32);
let ptau = '';
let rawPtau = '';
let trustedDigest = '';

/** round0 → Ada → Grace → beacon, each step ours. */
beforeAll(async () => {
  await writeR1cs(r1cs, toySystem());
  ({ prepared: ptau, raw: rawPtau } = await makePtau(folder, 4));
  trustedDigest = await blake2bOfFile(ptau);
  const started = await startCeremony({ r1cs, ptau, output: at('round0.zkey') });
  expect(started.key.contributions).toEqual([]);
  expect(started.ptau).toEqual({ path: ptau, power: 4, blake2b: trustedDigest });
  await contribute({ input: at('round0.zkey'), output: at('round1.zkey') }, 'Ada');

  const stop = new AbortController();
  const before = await readdir(folder);
  const interrupted = contribute({ input: at('round1.zkey'), output: at('round2.zkey') }, 'Grace', {
    signal: stop.signal,
    onProgress: (stage) => {
      if (stage === 'contribute') stop.abort(new Error('stop'));
    },
  });
  await expect(interrupted).rejects.toThrow('stop');
  expect(await readdir(folder)).toEqual(before);
  await contribute({ input: at('round1.zkey'), output: at('round2.zkey') }, 'Grace');

  const beacon = { hash: RANDOMNESS, iterationsLog2: 10 };
  await applyBeacon({ input: at('round2.zkey'), output: at('final.zkey') }, beacon, 'drand 1');
});
afterAll(async () => {
  await kernel.close();
  await rm(folder, { recursive: true });
});

const verify = (key: string, changes: { readonly r1cs?: string; readonly rounds?: readonly string[] } = {}) =>
  verifyCeremony({ key, r1cs, ptau, ...changes }, { trustedDigest });

/** A copy of a key in which one byte is another. */
async function damaged(source: string, section: number, offset: number): Promise<string> {
  const bytes = await readFile(source);
  bytes[sectionAt(bytes, section) + offset] ^= 1;
  const path = at(`damaged-${section}-${offset}.zkey`);
  await writeFile(path, bytes);
  return path;
}

test.concurrent('snarkjs accepts our key and lists the same contributions', async () => {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  const logger = { info: keep, warn: keep, error: keep, debug: () => {} };
  expect(await snarkjsAccepts(r1cs, ptau, at('final.zkey'), logger)).toBe(true);
  const { contributions, circuitHash } = await readPhaseTwoKey(at('final.zkey'));
  expect(contributions.map(({ name, beacon }) => [name, beacon])).toEqual([
    ['Ada', undefined],
    ['Grace', undefined],
    ['drand 1', { hash: RANDOMNESS, iterationsLog2: 10 }],
  ]);
  const said = lines.join('').replace(/\s/g, '');
  expect(said).toContain(`CircuitHash:${circuitHash}`);
  for (const { index, name, hash } of contributions) {
    expect(said).toContain(`contribution#${index}${name.replace(' ', '')}:${hash}`);
  }
});

test.concurrent('we accept it, and the transcript tells the whole story', async () => {
  const rounds = [at('round1.zkey'), at('round0.zkey')];
  const verdict = await verify(at('final.zkey'), { rounds });
  if (!verdict.accepted) throw new Error(verdict.reasons.join());
  const { transcript, trust } = verdict;
  expect(trust).toBe('ceremony');
  expect(transcript.contributions.map(({ name, kind }) => [name, kind])).toEqual([
    ['Ada', 'contribution'],
    ['Grace', 'contribution'],
    ['drand 1', 'beacon'],
  ]);
  expect(transcript.rounds.map(({ contributions }) => contributions)).toEqual([0, 1]);
  const published = decodeTranscript(JSON.parse(encodeTranscript(transcript)));
  expect(matchTranscript(published, transcript)).toEqual([]);
  const renamed = encodeTranscript(transcript).replace('Grace', 'Mallory');
  expect(matchTranscript(decodeTranscript(JSON.parse(renamed)), transcript)[0]).toContain('Mallory');
  const otherRound = { ...published, rounds: [{ contributions: 1, sha256: transcript.key.sha256 }] };
  expect(matchTranscript(otherRound, transcript)[0]).toContain('round 1: published');
});

test.concurrent('every kernel writes what snarkjs alone writes, and says who computed', async () => {
  const beacon = { hash: RANDOMNESS, iterationsLog2: 10 };
  await snarkjs.zKey.beacon(at('round2.zkey'), at('beacon-theirs.zkey'), 'drand 1', RANDOMNESS, 10);
  const theirs = await readFile(at('beacon-theirs.zkey'));
  expect(theirs).toEqual(await readFile(at('final.zkey')));
  for (const kernelName of thorough ? (['native', 'wasm', 'snarkjs'] as const) : (['native'] as const)) {
    if (kernelName === 'native' && addon === undefined) continue;
    const output = at(`beacon-${kernelName}.zkey`);
    const made = await applyBeacon({ input: at('round2.zkey'), output }, beacon, 'drand 1', { kernelName });
    expect(made.kernel.name).toMatch(new RegExp(`^${kernelName}`));
    expect(await readFile(output)).toEqual(theirs);
  }
});

test.concurrent('a key whose points are exchanged is refused; other kernels accept the right one too', async () => {
  const bytes = await readFile(at('final.zkey'));
  // Two points of H in each other's place lie on the curve: only the sums tell.
  const h = sectionAt(bytes, 9);
  const swapped = Buffer.concat([
    ...[bytes.subarray(0, h), bytes.subarray(h + 64, h + 128), bytes.subarray(h, h + 64)],
    bytes.subarray(h + 128),
  ]);
  await writeFile(at('swapped.zkey'), swapped);
  for (const kernelName of thorough ? (['wasm', 'snarkjs'] as const) : []) {
    const verdict = await verifyCeremony({ key: at('final.zkey'), r1cs, ptau }, { trustedDigest, kernelName });
    if (!verdict.accepted) return expect.unreachable(verdict.reasons.join());
    expect(verdict.kernel.name).toMatch(new RegExp(`^${kernelName}`));
  }
  for (const kernelName of thorough ? ([undefined, 'wasm'] as const) : [undefined]) {
    const verdict = refused(
      await verifyCeremony({ key: at('swapped.zkey'), r1cs, ptau }, { trustedDigest, kernelName }),
    );
    expect(verdict.reasons.join()).toContain('H section does not match');
  }
});

test.concurrent('a proof under the final key verifies, and under an earlier round it does not', async () => {
  const { verifyingKey } = await readPhaseTwoKey(at('final.zkey'));
  const witness = toyWitness(-3n, 4n, 7n);
  const proved = await proveGroth16({ kernel, provingKey: at('final.zkey'), verifyingKey, witness });
  expect(proved.publicSignals).toEqual([23n, 7n]);
  expect(verifyGroth16(verifyingKey, proved.publicSignals, proved.proof)).toBe(true);
  const earlier = await readPhaseTwoKey(at('round2.zkey'));
  expect(verifyGroth16(earlier.verifyingKey, proved.publicSignals, proved.proof)).toBe(false);
});

test.concurrent('we accept a key that snarkjs made alone, and can add to it', async () => {
  await snarkjs.zKey.newZKey(r1cs, ptau, at('theirs0.zkey'));
  expect(await readFile(at('theirs0.zkey'))).toEqual(await readFile(at('round0.zkey')));
  const hash = await snarkjs.zKey.contribute(at('theirs0.zkey'), at('theirs1.zkey'), 'Edsger', 'not a secret');
  const { contributions } = await readPhaseTwoKey(at('theirs1.zkey'));
  expect(contributions).toMatchObject([{ name: 'Edsger', hash: Buffer.from(hash).toString('hex') }]);
  expect(await verify(at('theirs1.zkey'))).toMatchObject({ accepted: true });
  const { reasons } = refused(await verify(at('final.zkey'), { rounds: [at('theirs1.zkey')] }));
  expect(reasons).toEqual([`${at('theirs1.zkey')} is no earlier round of this key`]);
});

test.concurrent('a key without a secret in it is refused, though snarkjs accepts it', async () => {
  expect(await snarkjsAccepts(r1cs, ptau, at('round0.zkey'))).toBe(true);
  expect(refused(await verify(at('round0.zkey'))).reasons[0]).toContain('there is no contribution');
  await snarkjs.zKey.beacon(at('round0.zkey'), at('public.zkey'), 'b', RANDOMNESS, 10);
  expect(await snarkjsAccepts(r1cs, ptau, at('public.zkey'))).toBe(true);
  expect(refused(await verify(at('public.zkey'))).reasons[0]).toContain('only beacons');
});

test.concurrent('a key with a forged contribution is refused', async () => {
  const tampered = await damaged(at('final.zkey'), 10, 64 + 4 + 3 * 64 + 128);
  expect(refused(await verify(tampered)).reasons).toContainEqual(expect.stringContaining('transcript'));
});

test.concurrent('a circuit of the same size but with another coefficient is refused', async () => {
  const other = at('other.r1cs');
  await writeR1cs(other, toyVariant(6));
  expect(refused(await verify(at('final.zkey'), { r1cs: other })).reasons).toContain(
    'the key does not follow from its inputs',
  );
  await writeR1cs(at('same.r1cs'), toyVariant(5));
  expect(await readFile(at('same.r1cs'))).toEqual(await readFile(r1cs));
});

test.concurrent('Powers of Tau that are damaged, unprepared, too small or another file are refused', async () => {
  const bytes = await readFile(ptau);
  bytes[sectionAt(bytes, 14) + 64 * 12] ^= 1;
  await writeFile(at('damaged.ptau'), bytes);
  await expect(admitPtau(at('damaged.ptau'))).rejects.toThrow('does not hold valid Powers of Tau');
  await expect(admitPtau(at('damaged.ptau'), { trustedDigest })).rejects.toThrow('not the Powers of Tau file');
  await expect(admitPtau(rawPtau)).rejects.toThrow('not prepared for phase 2');
  await writeFile(at('cut.ptau'), bytes.subarray(0, -1));
  await expect(admitPtau(at('cut.ptau'))).rejects.toThrow('are left');
  await writeR1cs(at('long.r1cs'), chain(20));
  const start = startCeremony({ r1cs: at('long.r1cs'), ptau, output: at('long.zkey') }, { trustedDigest });
  await expect(start).rejects.toThrow('serves 2^4 rows; the circuit needs 2^5');
});

test.concurrent('nobody contributes to a key that could betray the secret or that is worthless', async () => {
  const output = at('never.zkey');
  const refuse = (input: string) => expect(contribute({ input, output }, 'Ada')).rejects;
  await refuse(await damaged(at('round1.zkey'), 8, 64)).toThrow('Point 1 of section 8');
  const planted = await damaged(at('round1.zkey'), 9, 64 * 7 + 32);
  await refuse(planted).toThrow('Point 7 of section 9');
  expect(refused(await verify(planted)).reasons).toEqual(['point 7 of section 9 does not lie on the curve']);
  await refuse(await damaged(at('round1.zkey'), 2, 84 + 64 * 2 + 128 * 2)).toThrow('delta1 is malformed');
  await refuse(await damaged(at('round1.zkey'), 2, 84 + 64 * 3 + 128 * 2)).toThrow('delta is malformed');
  const { zkey } = await createDevelopmentKey(toySystem());
  await writeFileAtomically(at('dev.zkey'), zkey);
  await refuse(at('dev.zkey')).toThrow('development key');
  const inPlace = contribute({ input: at('round1.zkey'), output: at('round1.zkey') }, 'Ada');
  await expect(inPlace).rejects.toThrow('is there already');
  await expect(contribute({ input: at('round1.zkey'), output }, 'A\u001b[2J')).rejects.toThrow("contributor's name");
  for (const beacon of [
    { hash: 'abc', iterationsLog2: 10 },
    { hash: RANDOMNESS, iterationsLog2: 9 },
    { hash: RANDOMNESS, iterationsLog2: 33 },
  ]) {
    await expect(applyBeacon({ input: at('round1.zkey'), output }, beacon)).rejects.toThrow('cannot be applied');
  }
  expect(await readdir(folder)).not.toContain('never.zkey');
});

test.concurrent('the command line: exit codes, one JSON object, and Ctrl-C', async () => {
  const files = ['--r1cs', r1cs, '--ptau', ptau, '--trust-ptau', trustedDigest];
  const [good, bad] = await Promise.all([
    vouch('verify', at('final.zkey'), ...files, '--json', '-o', at('transcript.json')),
    vouch('verify', at('round0.zkey'), ...files),
  ]);
  expect([good.code, bad.code]).toEqual([0, 1]);
  const { accepted, transcript } = JSON.parse(good.stdout);
  expect(accepted).toBe(true);
  expect(decodeTranscript(JSON.parse(await readFile(at('transcript.json'), 'utf8')))).toEqual(transcript);
  expect(bad.stdout).toContain('anybody could forge proofs');

  const empty = await mkdtemp(at('empty-'));
  const output = join(empty, 'after.zkey');
  let code: number | null = 0;
  // One that is done before the signal reaches it is made again.
  for (let attempt = 0; attempt < 5 && code === 0; attempt++) {
    await rm(output, { force: true });
    code = await interruptedContribution(at('round2.zkey'), output);
  }
  expect(code).toBe(130);
  expect(await readdir(empty)).toEqual([]);
});

function refused(verdict: Awaited<ReturnType<typeof verify>>): { reasons: readonly string[] } {
  if (verdict.accepted) throw new Error('the key was accepted');
  return verdict;
}

/** The toy system with its coefficient 5 replaced. */
function toyVariant(coefficient: number): System {
  const builder = createSystemBuilder({ outputs: 1, publicInputs: 1, privateInputs: 2 });
  const product = builder.allocateWires(1, 0);
  builder.a.add(3, 1);
  builder.b.add(4, 1);
  builder.c.add(product, 1);
  builder.closeRow(0);
  builder.a.add(1, 1);
  builder.b.add(0, 1);
  builder.c.add(product, 1);
  builder.c.add(2, coefficient);
  builder.closeRow(0);
  return builder.finish();
}

/** `rows` squarings, one after the other. */
function chain(rows: number): System {
  const builder = createSystemBuilder({ outputs: 0, publicInputs: 0, privateInputs: 1 });
  for (let wire = 1; wire <= rows; wire++) {
    builder.a.add(wire, 1);
    builder.b.add(wire, 1);
    builder.c.add(builder.allocateWires(1, 0), 1);
    builder.closeRow(0);
  }
  return builder.finish();
}

const MAIN = ['--import', 'tsx', 'src/cli/main.ts', 'ceremony'];

function vouch(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...MAIN, ...args], (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout });
    });
  });
}

/** The exit code of a contribution that gets SIGINT as soon as snarkjs runs. */
function interruptedContribution(input: string, output: string): Promise<number | null> {
  const child = spawn(process.execPath, [...MAIN, 'contribute', input, '-o', output, '--name', 'Ada']);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    if (!child.killed && / {2}contribute\n/.test(stderr)) child.kill('SIGINT');
  });
  return new Promise((resolve) => child.once('close', resolve));
}
