import { VouchError } from '../errors.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Parses text of at most `maxBytes` characters. */
export function parseJson(text: string, what: string, maxLength: number): JsonValue {
  if (text.length > maxLength) throw new MalformedJsonError(what, `${text.length} characters, at most ${maxLength}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedJsonError(what, 'it is not JSON', cause);
  }
}

/** An object; with `keys`, exactly these. */
export function asObject(value: JsonValue, path: string, keys?: readonly string[]): JsonObject {
  if (!isObject(value)) throw new MalformedJsonError(path, 'expected an object');
  if (keys !== undefined) {
    const unknown = Object.keys(value).find((key) => !keys.includes(key));
    if (unknown !== undefined) throw new MalformedJsonError(path, `unknown field ${JSON.stringify(unknown)}`);
  }
  return value;
}

/** A field that must be there. */
export function fieldOf(object: JsonObject, key: string, path: string): JsonValue {
  if (!Object.hasOwn(object, key)) throw new MalformedJsonError(path, `the field ${key} is missing`);
  return object[key];
}

export function asArray(value: JsonValue, path: string, { max }: { readonly max: number }): readonly JsonValue[] {
  if (!isArray(value)) throw new MalformedJsonError(path, 'expected an array');
  if (value.length > max) throw new MalformedJsonError(path, `${value.length} items, expected at most ${max}`);
  return value;
}

/** An array of exactly `length` items. */
export function asTuple(value: JsonValue, path: string, length: number): readonly JsonValue[] {
  const items = asArray(value, path, { max: length });
  if (items.length !== length) throw new MalformedJsonError(path, `${items.length} items, expected ${length}`);
  return items;
}

export function asString(value: JsonValue, path: string, { max }: { readonly max: number }): string {
  if (typeof value !== 'string') throw new MalformedJsonError(path, 'expected a string');
  if (value.length > max) throw new MalformedJsonError(path, `${value.length} characters, expected at most ${max}`);
  return value;
}

/** One of the given strings. */
export function asOneOf<const T extends string>(value: JsonValue, path: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new MalformedJsonError(path, `${JSON.stringify(value)?.slice(0, 80)} is none of ${choices.join(', ')}`);
  }
  return found;
}

/** A finite number. */
export function asNumber(value: JsonValue, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new MalformedJsonError(path, 'expected a number');
  return value;
}

/** A non-negative integer of at most 78 digits, spelled in decimal without leading zeros. */
export function asNatural(value: JsonValue, path: string): bigint {
  const text = asString(value, path, { max: 78 });
  if (!/^(0|[1-9][0-9]*)$/.test(text))
    throw new MalformedJsonError(path, `${JSON.stringify(text)} is not a natural number`);
  return BigInt(text);
}

/** An integer of at most 78 digits. */
export function asInteger(value: JsonValue, path: string): bigint {
  const text = asString(value, path, { max: 79 });
  if (!/^(0|-?[1-9][0-9]*)$/.test(text))
    throw new MalformedJsonError(path, `${JSON.stringify(text)} is not an integer`);
  return BigInt(text);
}

/** 32 bytes in lower-case hexadecimal. */
export type Hex32 = `0x${string}`;

export function asHex32(value: JsonValue, path: string): Hex32 {
  const text = asString(value, path, { max: 66 });
  if (!isHex32(text)) throw new MalformedJsonError(path, `${JSON.stringify(text)} is not 32 bytes in lower-case hex`);
  return text;
}

export function isHex32(text: string): text is Hex32 {
  return /^0x[0-9a-f]{64}$/.test(text);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

/** A JSON file that does not have the form its format prescribes. */
export class MalformedJsonError extends VouchError {
  override readonly name = 'Verify.MalformedJsonError';

  constructor(path: string, what: string, cause?: unknown) {
    super(`Malformed ${path}: ${what}.`, { cause });
  }
}
