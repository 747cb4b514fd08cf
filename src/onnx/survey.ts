import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { OnnxDecodeError } from './decode-error.ts';
import type { DecodeLimits } from './limits.ts';

/**
 * Walks protobuf bytes without building anything, and throws when they are truncated or damaged (saying in which field)
 * or when they hold more objects than the limits allow: a byte pair of the file can become a kilobyte of memory.
 */
export function surveyMessage(schema: DescMessage, bytes: Uint8Array, limits: DecodeLimits): void {
  const survey: Survey = { bytes, limits, fields: new Map(), path: [], at: 0, objects: 0, numbers: 0 };
  walk(survey, schema, bytes.length);
}

/** Deeper than any model nests, shallower than the stack. */
const maxMessageDepth = 100;

interface Survey {
  readonly bytes: Uint8Array;
  readonly limits: DecodeLimits;
  readonly fields: Map<DescMessage, Map<number, DescField>>;
  readonly path: string[];
  at: number;
  objects: number;
  numbers: number;
}

function walk(survey: Survey, schema: DescMessage, end: number): void {
  if (survey.path.length > maxMessageDepth) throw damaged(survey, `is nested deeper than ${maxMessageDepth} messages`);
  const fields = fieldsOf(survey, schema);
  const occurrences = new Map<number, number>();
  while (survey.at < end) {
    const tag = readVarint(survey, end);
    const number = Math.floor(tag / 8);
    const field = fields.get(number);
    const index = occurrences.get(number) ?? 0;
    occurrences.set(number, index + 1);
    survey.path.push(nameOf(field, number, index));
    visitField(survey, field, tag % 8, end);
    survey.path.pop();
  }
}

function visitField(survey: Survey, field: DescField | undefined, wireType: number, end: number): void {
  if (wireType === 2) {
    const length = readVarint(survey, end);
    const left = end - survey.at;
    if (length > left) throw damaged(survey, `claims ${length} bytes`, `${left} are left; the file may be truncated`);
    visitBytes(survey, field, survey.at + length);
    return;
  }
  if (wireType === 0) readVarint(survey, end);
  else if (wireType === 1 || wireType === 5) skip(survey, wireType === 1 ? 8 : 4, end);
  else throw damaged(survey, `has wire type ${wireType}`, 'expected 0, 1, 2 or 5');
  if (field?.fieldKind === 'list') countNumbers(survey, 1);
}

function visitBytes(survey: Survey, field: DescField | undefined, end: number): void {
  const message = field?.message;
  if (message !== undefined) {
    countObject(survey);
    walk(survey, message, end);
    return;
  }
  if (field?.fieldKind === 'list') {
    if (field.listKind === 'scalar' && !field.packed && isText(field)) countObject(survey);
    else countNumbers(survey, packedCount(survey, field, end));
  }
  survey.at = end;
}

/** protobuf's numbers of the scalar types. */
const scalar = { double: 1, float: 2, string: 9, bytes: 12 };

const isText = (field: DescField): boolean => field.scalar === scalar.string || field.scalar === scalar.bytes;

function packedCount({ bytes, at }: Survey, field: DescField, end: number): number {
  if (field.scalar === scalar.float) return (end - at) / 4;
  if (field.scalar === scalar.double) return (end - at) / 8;
  let count = 0;
  for (let i = at; i < end; i++) if (bytes[i] < 0x80) count++;
  return count;
}

function countObject(survey: Survey): void {
  const { maxObjects } = survey.limits;
  if (++survey.objects > maxObjects)
    throw damaged(survey, `is one of more than ${maxObjects} messages`, 'that is too many');
}

function countNumbers(survey: Survey, count: number): void {
  const { maxNumbers } = survey.limits;
  survey.numbers += count;
  if (survey.numbers > maxNumbers) {
    throw damaged(survey, `brings the file to more than ${maxNumbers} numbers`, 'Save large tensors as raw data.');
  }
}

function readVarint(survey: Survey, end: number): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (survey.at >= end) throw damaged(survey, 'ends within a number', 'the file may be truncated');
    const byte = survey.bytes[survey.at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw damaged(survey, 'has a number of more than 10 bytes');
}

function skip(survey: Survey, length: number, end: number): void {
  if (survey.at + length > end) throw damaged(survey, 'ends within a number', 'the file may be truncated');
  survey.at += length;
}

function fieldsOf({ fields }: Survey, schema: DescMessage): Map<number, DescField> {
  let known = fields.get(schema);
  if (known === undefined) {
    known = new Map(schema.fields.map((field) => [field.number, field]));
    fields.set(schema, known);
  }
  return known;
}

function nameOf(field: DescField | undefined, number: number, index: number): string {
  if (field === undefined) return `field ${number}`;
  return field.fieldKind === 'list' ? `${field.name}[${index}]` : field.name;
}

function damaged({ path, at }: Survey, what: string, detail?: string): OnnxDecodeError {
  const where = path.length === 0 ? 'the file' : path.slice(0, 16).join('.');
  return new OnnxDecodeError(`${where} ${what} at byte ${at}`, detail === undefined ? [] : [detail]);
}
