import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VouchError } from '../../errors.ts';
import {
  asArray,
  asHex32,
  asNatural,
  asNumber,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from '../../verify/json.ts';
import { decodeProofJson, encodeProofJson } from '../../verify/snarkjs-json.ts';
import { writeFileAtomically } from '../../write-file.ts';
import type { InferenceRequest } from '../binding.ts';
import type { SentRecord } from '../sender/pending.ts';
import { type Job, newJob, type Proven, settlements } from './job.ts';

/** Whose progress a file holds: the same hub on the same chain with the same account. */
export interface Identity {
  readonly chainId: number;
  /** Hash of block 0: tells local chains apart. */
  readonly genesis: string;
  readonly hub: string;
  readonly prover: string;
}

/** A block at its height. */
export interface Height {
  readonly number: number;
  readonly hash: string;
}

/** What a node must know after it was killed at any moment. */
export interface NodeState {
  readonly identity: Identity;
  /** Every request before this block is settled for good. */
  cursor: number;
  /** The highest block that was seen; another hash at its height means that the chain was reorganised. */
  head: Height | undefined;
  /** Requests that were proved or settled and may still change. */
  readonly jobs: Map<string, Job>;
}

const FORMAT = 'vouch-watch-1';
const MAX_TEXT = 1 << 28;
const MAX_JOBS = 1 << 16;
const MAX_SIGNALS = 1 << 16;
const MAX_RECORDS = 1 << 10;
const MAX_RAW = 1 << 20;

/** The state in a file, or a new one where there is no file. Refuses a file of another chain, hub or account. */
export async function openState(path: string, identity: Identity, fromBlock: number): Promise<NodeState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (Object(cause).code !== 'ENOENT') throw new StateFileError(path, 'it cannot be read', cause);
    return { identity, cursor: fromBlock, head: undefined, jobs: new Map() };
  }
  const state = decodeState(text);
  for (const key of ['chainId', 'genesis', 'hub', 'prover'] as const) {
    if (state.identity[key] !== identity[key]) {
      throw new StateFileError(path, `it belongs to ${key} ${state.identity[key]}, not ${identity[key]}`);
    }
  }
  return state;
}

/** Removes what killed processes left of their writing; only for the holder of the file's lock. */
export async function removeLeftovers(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  const leftovers = names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp'));
  await Promise.all(leftovers.map((name) => rm(join(dirname(path), name), { force: true })));
}

export async function saveState(path: string, state: NodeState): Promise<void> {
  await writeFileAtomically(path, [new TextEncoder().encode(encodeState(state))], { mode: 0o600 });
}

export function encodeState({ identity, cursor, head, jobs }: NodeState): string {
  const json = { format: FORMAT, ...identity, cursor, head: head ?? null, jobs: [...jobs.values()].map(encodeJob) };
  return `${JSON.stringify(json)}\n`;
}

export function decodeState(text: string): NodeState {
  const what = 'state file';
  const keys = ['format', 'chainId', 'genesis', 'hub', 'prover', 'cursor', 'head', 'jobs'];
  const file = asObject(parseJson(text, what, MAX_TEXT), what, keys);
  const field = (key: string): JsonValue => fieldOf(file, key, what);
  asOneOf(field('format'), 'format', [FORMAT]);
  const head = field('head') === null ? undefined : asObject(field('head'), 'head', ['number', 'hash']);
  const jobs = asArray(field('jobs'), 'jobs', { max: MAX_JOBS }).map((job, i) => decodeJob(job, `jobs[${i}]`));
  return {
    identity: {
      chainId: asCount(field('chainId'), 'chainId'),
      genesis: asHex32(field('genesis'), 'genesis'),
      hub: asString(field('hub'), 'hub', { max: 42 }),
      prover: asString(field('prover'), 'prover', { max: 42 }),
    },
    cursor: asCount(field('cursor'), 'cursor'),
    head: head && {
      number: asCount(fieldOf(head, 'number', 'head'), 'head.number'),
      hash: asHex32(fieldOf(head, 'hash', 'head'), 'head.hash'),
    },
    jobs: new Map(jobs.map((job) => [job.id, job])),
  };
}

function encodeJob({ id, request, block, proven, records, settled }: Job): object {
  const { fee, sequence, deadline, callbackGas, input, ...addresses } = request;
  return {
    id,
    block,
    request: { ...addresses, ...texts({ fee, sequence, deadline, callbackGas }), input: input.map(String) },
    proven: proven === undefined ? null : { output: proven.output.map(String), proof: encodeProofJson(proven.proof) },
    records: records.map(({ nonce, hash, raw }) => ({ nonce, hash, raw })),
    settled: settled ?? null,
  };
}

function decodeJob(json: JsonValue, path: string): Job {
  const object = asObject(json, path, ['id', 'block', 'request', 'proven', 'records', 'settled']);
  const field = (key: string): JsonValue => fieldOf(object, key, path);
  const job = newJob({
    id: asHex32(field('id'), `${path}.id`),
    block: asCount(field('block'), `${path}.block`),
    request: decodeRequest(field('request'), `${path}.request`),
  });
  job.proven = field('proven') === null ? undefined : decodeProven(field('proven'), `${path}.proven`);
  job.records = asArray(field('records'), `${path}.records`, { max: MAX_RECORDS }).map((record) =>
    decodeRecord(record, `${path}.records`),
  );
  const settled =
    field('settled') === null ? undefined : asObject(field('settled'), `${path}.settled`, ['how', 'block']);
  job.settled = settled && {
    how: asOneOf(fieldOf(settled, 'how', path), `${path}.how`, settlements),
    block: asCount(fieldOf(settled, 'block', path), `${path}.settled.block`),
  };
  return job;
}

function decodeRequest(json: JsonValue, path: string): InferenceRequest {
  const request = asObject(json, path);
  const field = (key: string): JsonValue => fieldOf(request, key, path);
  const natural = (key: string): bigint => asNatural(field(key), `${path}.${key}`);
  const address = (key: string): string => asString(field(key), `${path}.${key}`, { max: 42 });
  return {
    modelId: asHex32(field('modelId'), `${path}.modelId`),
    requester: address('requester'),
    consumer: address('consumer'),
    fee: natural('fee'),
    sequence: natural('sequence'),
    deadline: natural('deadline'),
    callbackGas: natural('callbackGas'),
    input: decodeSignals(field('input'), `${path}.input`),
  };
}

function decodeProven(json: JsonValue, path: string): Proven {
  const proven = asObject(json, path, ['output', 'proof']);
  return {
    output: decodeSignals(fieldOf(proven, 'output', path), `${path}.output`),
    proof: decodeProofJson(fieldOf(proven, 'proof', path)),
  };
}

function decodeRecord(json: JsonValue, path: string): SentRecord {
  const record = asObject(json, path, ['nonce', 'hash', 'raw']);
  return {
    nonce: asCount(fieldOf(record, 'nonce', path), `${path}.nonce`),
    hash: asHex32(fieldOf(record, 'hash', path), `${path}.hash`),
    raw: asString(fieldOf(record, 'raw', path), `${path}.raw`, { max: MAX_RAW }),
  };
}

function decodeSignals(json: JsonValue, path: string): bigint[] {
  return asArray(json, path, { max: MAX_SIGNALS }).map((signal) => asNatural(signal, path));
}

function asCount(json: JsonValue, path: string): number {
  const count = asNumber(json, path);
  if (!Number.isSafeInteger(count) || count < 0) throw new MalformedJsonError(path, `${count} is not a count`);
  return count;
}

function texts(numbers: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]));
}

/** The file of a node's progress is not usable here. */
export class StateFileError extends VouchError {
  override readonly name = 'Evm.StateFileError';

  constructor(path: string, reason: string, cause?: unknown) {
    super(`The state file "${path}" is not used: ${reason}.`, {
      metaMessages: ['Name another file with --state; a new one loses no money, only proofs that were not sent.'],
      cause,
    });
  }
}
