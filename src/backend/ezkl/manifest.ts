import { createHash } from 'node:crypto';
import { VouchError } from '../../errors.ts';
import {
  asArray,
  asHex32,
  asNumber,
  asObject,
  asOneOf,
  asString,
  fieldOf,
  type Hex32,
  type JsonValue,
  MalformedJsonError,
  parseJson,
} from '../../verify/json.ts';
import type { TrustLevel } from '../../verify/types.ts';
import { asScaleBits } from './settings.ts';
import { type CalibrationTarget, calibrationTargets, type EzklVisibility } from './tool.ts';
import { EZKL_VERSION, EzklVersionError } from './version.ts';

export const ezklFormat = 'vouch-ezkl-model-1';
export const visibilities = ['private', 'public', 'hashed'] as const satisfies readonly EzklVisibility[];

/** Which network EZKL compiled: the file's own, or the one rewritten into operators that it has. */
export const networkForms = ['file', 'rewritten'] as const;
export type NetworkForm = (typeof networkForms)[number];

/** A tensor as EZKL holds it: integers that stand for multiples of 2^−scaleBits. */
export interface EzklTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly scaleBits: number;
  readonly visibility: EzklVisibility;
}

/** What a directory made by EZKL is: who made it from what, and the digest of every other file in it. */
export interface EzklManifest {
  readonly tool: string;
  readonly version: string;
  readonly onnx: Hex32;
  readonly externalData: Hex32;
  readonly form: NetworkForm;
  readonly inputs: readonly EzklTensor[];
  readonly outputs: readonly EzklTensor[];
  readonly calibration: {
    readonly target: CalibrationTarget;
    readonly samples: number;
    /** Of the samples' numbers; null where they were drawn. */
    readonly sha256: Hex32 | null;
  };
  /** The circuit has 2^logrows rows, of which it fills `rows`. */
  readonly logrows: number;
  readonly rows: number;
  readonly keys: EzklKeys | null;
  readonly files: ReadonlyMap<string, Hex32>;
}

export interface EzklKeys {
  readonly modelId: Hex32;
  readonly trust: TrustLevel;
  readonly srs: 'generated' | 'given' | 'public';
  /** Bytes of every proof. */
  readonly proofBytes: number;
}

const fields = ['format', 'tool', 'backend', 'version', 'onnx', 'externalData', 'form', 'inputs', 'outputs'];
const moreFields = ['calibration', 'logrows', 'rows', 'keys', 'files'];
const MAX_TENSORS = 1024;
const MAX_LENGTH = 1 << 20;
/** The scalar field has no more roots of unity. */
const MAX_LOGROWS = 28;

export function encodeEzklManifest({ files, tool, version, ...manifest }: EzklManifest): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sha256]) => ({ name, sha256 }));
  const head = { format: ezklFormat, tool, backend: 'ezkl', version };
  return `${JSON.stringify({ ...head, ...manifest, files: sorted }, null, 1)}\n`;
}

/** Whether a manifest is of this backend; says nothing of whether it is well formed. */
export function isEzklManifest(text: string): boolean {
  return /"format":\s*"vouch-ezkl-/.test(text.slice(0, 200));
}

/** Reads a manifest and refuses what another version of EZKL, or of this format, has made. */
export function decodeEzklManifest(text: string): EzklManifest {
  const manifest = asObject(parseJson(text, 'manifest', MAX_LENGTH), 'manifest', [...fields, ...moreFields]);
  const field = (key: string) => fieldOf(manifest, key, 'manifest');
  const format = asString(field('format'), 'format', { max: 64 });
  if (format !== ezklFormat) throw new EzklFormatError(format);
  const version = asString(field('version'), 'version', { max: 64 });
  if (version !== EZKL_VERSION) throw new EzklVersionError('the model', version, 'Compile the model again.');
  const calibration = asObject(field('calibration'), 'calibration', ['target', 'samples', 'sha256']);
  const sha256 = fieldOf(calibration, 'sha256', 'calibration');
  const entries = asArray(field('files'), 'files', { max: 64 }).map((item, i): [string, Hex32] => {
    const entry = asObject(item, `files[${i}]`, ['name', 'sha256']);
    const name = asString(fieldOf(entry, 'name', 'files'), 'files.name', { max: 256 });
    return [name, asHex32(fieldOf(entry, 'sha256', 'files'), 'files.sha256')];
  });
  return {
    tool: asString(field('tool'), 'tool', { max: 64 }),
    version,
    onnx: asHex32(field('onnx'), 'onnx'),
    externalData: asHex32(field('externalData'), 'externalData'),
    form: asOneOf(field('form'), 'form', networkForms),
    inputs: decodeTensors(field('inputs'), 'inputs'),
    outputs: decodeTensors(field('outputs'), 'outputs'),
    calibration: {
      target: asOneOf(fieldOf(calibration, 'target', 'calibration'), 'calibration.target', calibrationTargets),
      samples: asCount(fieldOf(calibration, 'samples', 'calibration'), 'calibration.samples'),
      sha256: sha256 === null ? null : asHex32(sha256, 'calibration.sha256'),
    },
    logrows: asCount(field('logrows'), 'logrows', MAX_LOGROWS),
    rows: asCount(field('rows'), 'rows'),
    keys: decodeKeys(field('keys')),
    files: new Map(entries),
  };
}

function decodeTensors(json: JsonValue, path: string): EzklTensor[] {
  return asArray(json, path, { max: MAX_TENSORS }).map((item, i) => {
    const at = `${path}[${i}]`;
    const tensor = asObject(item, at, ['name', 'shape', 'scaleBits', 'visibility']);
    return {
      name: asString(fieldOf(tensor, 'name', at), `${at}.name`, { max: 1024 }),
      shape: asArray(fieldOf(tensor, 'shape', at), `${at}.shape`, { max: 32 }).map((size) =>
        asCount(size, `${at}.shape`),
      ),
      scaleBits: asScaleBits(fieldOf(tensor, 'scaleBits', at), `${at}.scaleBits`),
      visibility: asOneOf(fieldOf(tensor, 'visibility', at), `${at}.visibility`, visibilities),
    };
  });
}

function decodeKeys(json: JsonValue): EzklKeys | null {
  if (json === null) return null;
  const keys = asObject(json, 'keys', ['modelId', 'trust', 'srs', 'proofBytes']);
  const field = (key: string) => fieldOf(keys, key, 'keys');
  return {
    modelId: asHex32(field('modelId'), 'keys.modelId'),
    trust: asOneOf(field('trust'), 'keys.trust', ['insecure-dev', 'ceremony']),
    srs: asOneOf(field('srs'), 'keys.srs', ['generated', 'given', 'public']),
    proofBytes: asCount(field('proofBytes'), 'keys.proofBytes'),
  };
}

function asCount(json: JsonValue, path: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = asNumber(json, path);
  if (!Number.isSafeInteger(value) || value < 0) throw new MalformedJsonError(path, 'it is not a natural number');
  if (value > max) throw new MalformedJsonError(path, `it is ${value}, at most ${max} is expected`);
  return value;
}

/**
 * Names what a proof is of: the ONNX file, the network and settings that EZKL made of it, its keys, contract and setup.
 * The digests are those of the manifest.
 */
export function ezklModelId(
  { version, onnx, externalData, inputs, outputs, files }: Omit<EzklManifest, 'keys'>,
  { trust, srs, proofBytes }: Omit<EzklKeys, 'modelId'>,
  parts: readonly string[],
): Hex32 {
  const digests = parts.map((name) => [name, files.get(name)]);
  const setup = [trust, srs, proofBytes];
  const core = JSON.stringify([ezklFormat, version, onnx, externalData, inputs, outputs, setup, digests]);
  return `0x${createHash('sha256').update(core).digest('hex')}`;
}

/** The directory was written by another version of this tool. */
export class EzklFormatError extends VouchError {
  override readonly name = 'Backend.EzklFormatError';

  constructor(format: string) {
    super(`the directory has format "${format}"`, {
      metaMessages: [`expected "${ezklFormat}"`, 'Compile the model again with this version.'],
    });
  }
}
