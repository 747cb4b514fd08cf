import { encodeModelData } from '../../src/evm/model-data.ts';
import { keccak, verifyingKeyDigest } from '../../src/verify/evm-words.ts';
import type { Hex32 } from '../../src/verify/json.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import type { Groth16Proof, TrustLevel } from '../../src/verify/types.ts';
import { createForgingKey, type ForgingKey } from './forging-key.ts';

/** One row of a layout table, in the test's own words. */
export interface Row {
  readonly encoding: number;
  readonly laneBytes: number;
  readonly signals: number;
  readonly elements: number;
  readonly lo: bigint;
  readonly span: bigint;
  readonly scale: number;
}

/** `elements` integers from lo to hi, packed. */
export function packed(elements: number, lo: bigint, hi: bigint, scale = 1): Row {
  const span = hi - lo;
  const laneBytes = Math.max(1, Math.ceil(span.toString(2).length / 8));
  const signals = Math.ceil(elements / Math.floor(31 / laneBytes));
  return { encoding: 1, laneBytes, signals, elements, lo, span, scale };
}

export function hashed(elements: number): Row {
  return { encoding: 2, laneBytes: 0, signals: 1, elements, lo: 0n, span: 0n, scale: 1 };
}

export function hidden(elements: number): Row {
  return { encoding: 0, laneBytes: 0, signals: 0, elements, lo: 0n, span: 0n, scale: 1 };
}

/** A model without a circuit: layout, core and a key whose proofs anybody here can forge. */
export interface TestModel {
  readonly data: Uint8Array;
  readonly modelId: Hex32;
  readonly outputs: readonly Row[];
  readonly inputs: readonly Row[];
  readonly signals: number;
  prove(output: readonly bigint[], binding: bigint, input: readonly bigint[]): Groth16Proof;
}

export interface TestModelOptions {
  readonly trust?: TrustLevel;
  /** Replaces the table that the rows give. */
  readonly table?: Uint8Array;
}

export function makeTestModel(
  outputs: readonly Row[],
  inputs: readonly Row[],
  { trust = 'insecure-dev', table = encodeTable(outputs, inputs) }: TestModelOptions = {},
): TestModel {
  const signals = [...outputs, ...inputs].reduce((sum, row) => sum + row.signals, 1);
  return assemble(createForgingKey(signals), { outputs, inputs, signals, table, trust });
}

/** A model of hashed outputs around a key that the test made itself. */
export function makeModelOf(key: ForgingKey, signals: number): TestModel {
  const outputs = Array.from({ length: signals - 1 }, () => hashed(1));
  return assemble(key, { outputs, inputs: [], signals, table: encodeTable(outputs, []), trust: 'insecure-dev' });
}

interface Parts {
  readonly outputs: readonly Row[];
  readonly inputs: readonly Row[];
  readonly signals: number;
  readonly table: Uint8Array;
  readonly trust: TrustLevel;
}

function assemble({ verifyingKey, forge }: ForgingKey, { outputs, inputs, signals, table, trust }: Parts): TestModel {
  const layout = new Uint8Array(Buffer.concat([table, Buffer.from('{"outputs":[],"inputs":[]}')]));
  const none = keccak(new Uint8Array());
  const core = {
    ...{ onnxDigest: none, externalDataDigest: none, quantisedDigest: none, r1csDigest: none },
    layoutDigest: keccak(layout),
    vkDigest: verifyingKeyDigest(verifyingKey),
    trust,
  };
  return {
    data: encodeModelData({ core, verifyingKey, layout }),
    modelId: modelIdOf(core),
    outputs,
    inputs,
    signals,
    prove: (output, binding, input) => forge([...output, binding, ...input]),
  };
}

export function encodeTable(outputs: readonly Row[], inputs: readonly Row[]): Uint8Array {
  const head = Buffer.alloc(32);
  head.write('vouch-layout-2', 'ascii');
  head.writeUInt32BE(outputs.length, 24);
  head.writeUInt32BE(inputs.length, 28);
  return new Uint8Array(Buffer.concat([head, ...[...outputs, ...inputs].map(encodeRow)]));
}

function encodeRow({ encoding, laneBytes, signals, elements, lo, span, scale }: Row): Buffer {
  const word = Buffer.alloc(32);
  word.writeUInt8(encoding, 0);
  word.writeUInt8(laneBytes, 1);
  word.writeUInt16BE(signals, 2);
  word.writeUInt32BE(elements, 4);
  word.writeBigInt64BE(lo, 8);
  word.writeBigUInt64BE(span, 16);
  word.writeDoubleBE(scale, 24);
  return word;
}
