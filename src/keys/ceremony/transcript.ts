import {
  asArray,
  asHex32,
  asNumber,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type Hex32,
  type JsonObject,
  type JsonValue,
  MalformedJsonError,
} from '../../verify/json.ts';
import type { Contribution } from './contribution.ts';

/** What a ceremony publishes: digests of every file in it and the hash of every contribution. */
export interface CeremonyTranscript {
  readonly circuit: {
    readonly sha256: Hex32;
    readonly circuitHash: string;
    readonly rows: number;
    readonly wires: number;
    readonly publicSignals: number;
    readonly domain: number;
  };
  readonly powersOfTau: { readonly blake2b: string; readonly power: number; readonly origin: string | null };
  readonly rounds: readonly TranscriptRound[];
  readonly contributions: readonly TranscriptContribution[];
  readonly key: { readonly sha256: Hex32; readonly vkDigest: Hex32 };
}

/** A `.zkey` on the way to the last one. */
export interface TranscriptRound {
  readonly contributions: number;
  readonly sha256: Hex32;
}

export interface TranscriptContribution {
  readonly name: string;
  readonly kind: 'contribution' | 'beacon';
  readonly hash: string;
  readonly beacon: { readonly hash: string; readonly iterationsLog2: number } | null;
}

const FORMAT = 'vouch-ceremony-1';
const MAX_ENTRIES = 1 << 14;

export function describeContribution({ name, hash, beacon }: Contribution): TranscriptContribution {
  return { name, kind: beacon === undefined ? 'contribution' : 'beacon', hash, beacon: beacon ?? null };
}

/** The file to publish: JSON, one field per line. */
export function encodeTranscript(transcript: CeremonyTranscript): string {
  return `${JSON.stringify({ format: FORMAT, ...transcript }, undefined, 2)}\n`;
}

export function decodeTranscript(json: JsonValue): CeremonyTranscript {
  const root = asObject(json, 'transcript', ['format', 'circuit', 'powersOfTau', 'rounds', 'contributions', 'key']);
  asOneOf(fieldOf(root, 'format', 'transcript'), 'format', [FORMAT]);
  const part = (name: string, keys: readonly string[]) => asObject(fieldOf(root, name, 'transcript'), name, keys);
  const list = (name: string) => asArray(fieldOf(root, name, 'transcript'), name, { max: MAX_ENTRIES });
  const circuit = part('circuit', ['sha256', 'circuitHash', 'rows', 'wires', 'publicSignals', 'domain']);
  const powers = part('powersOfTau', ['blake2b', 'power', 'origin']);
  const key = part('key', ['sha256', 'vkDigest']);
  const origin = fieldOf(powers, 'origin', 'powersOfTau');
  return {
    circuit: {
      sha256: asHex32(fieldOf(circuit, 'sha256', 'circuit'), 'circuit.sha256'),
      circuitHash: hexAt(circuit, 'circuitHash', 'circuit', WIDE_HASH),
      rows: countAt(circuit, 'rows', 'circuit'),
      wires: countAt(circuit, 'wires', 'circuit'),
      publicSignals: countAt(circuit, 'publicSignals', 'circuit'),
      domain: countAt(circuit, 'domain', 'circuit'),
    },
    powersOfTau: {
      blake2b: hexAt(powers, 'blake2b', 'powersOfTau', WIDE_HASH),
      power: countAt(powers, 'power', 'powersOfTau'),
      origin: origin === null ? null : asString(origin, 'powersOfTau.origin', { max: 128 }),
    },
    rounds: list('rounds').map((item, i) => decodeRound(item, `rounds[${i}]`)),
    contributions: list('contributions').map((item, i) => decodeEntry(item, `contributions[${i}]`)),
    key: {
      sha256: asHex32(fieldOf(key, 'sha256', 'key'), 'key.sha256'),
      vkDigest: asHex32(fieldOf(key, 'vkDigest', 'key'), 'key.vkDigest'),
    },
  };
}

/**
 * Where the published transcript tells of another ceremony than the one just verified; empty if nowhere. Rounds
 * count only where both list one with as many contributions: who verifies need not have every file.
 */
export function matchTranscript(published: CeremonyTranscript, verified: CeremonyTranscript): string[] {
  const { rounds, ...claims } = published;
  const differences: string[] = [];
  const compare = (part: string, claim: unknown, fact: unknown) => {
    const [said, found] = [JSON.stringify(claim), JSON.stringify(fact)];
    if (said !== found) differences.push(`${part}: published ${said}, verified ${found}`);
  };
  for (const [name, claim] of Object.entries(claims)) compare(name, claim, Reflect.get(verified, name));
  for (const { contributions, sha256 } of rounds) {
    const fact = verified.rounds.find((round) => round.contributions === contributions);
    if (fact !== undefined) compare(`round ${contributions}`, sha256, fact.sha256);
  }
  return differences;
}

const WIDE_HASH = /^[0-9a-f]{128}$/;
const BEACON_HASH = /^([0-9a-f]{2}){1,255}$/;

function decodeRound(json: JsonValue, path: string): TranscriptRound {
  const round = asObject(json, path, ['contributions', 'sha256']);
  return {
    contributions: countAt(round, 'contributions', path),
    sha256: asHex32(fieldOf(round, 'sha256', path), `${path}.sha256`),
  };
}

function decodeEntry(json: JsonValue, path: string): TranscriptContribution {
  const entry = asObject(json, path, ['name', 'kind', 'hash', 'beacon']);
  const beacon = fieldOf(entry, 'beacon', path);
  const inner = beacon === null ? null : asObject(beacon, `${path}.beacon`, ['hash', 'iterationsLog2']);
  return {
    name: asString(fieldOf(entry, 'name', path), `${path}.name`, { max: 255 }),
    kind: asOneOf(fieldOf(entry, 'kind', path), `${path}.kind`, ['contribution', 'beacon']),
    hash: hexAt(entry, 'hash', path, WIDE_HASH),
    beacon: inner && {
      hash: hexAt(inner, 'hash', `${path}.beacon`, BEACON_HASH),
      iterationsLog2: countAt(inner, 'iterationsLog2', `${path}.beacon`),
    },
  };
}

function hexAt(object: JsonObject, key: string, path: string, form: RegExp): string {
  const text = asString(fieldOf(object, key, path), `${path}.${key}`, { max: 512 });
  if (!form.test(text)) throw new MalformedJsonError(`${path}.${key}`, 'it is not a hash in lower-case hex');
  return text;
}

function countAt(object: JsonObject, key: string, path: string): number {
  const value = asNumber(fieldOf(object, key, path), `${path}.${key}`);
  if (!Number.isInteger(value) || value < 0 || value > 2 ** 32) {
    throw new MalformedJsonError(`${path}.${key}`, `${value} is not a count`);
  }
  return value;
}
