import { VouchError } from '../errors.ts';
import { asArray, asHex32, asObject, asOneOf, asString, fieldOf, type Hex32, parseJson } from '../verify/json.ts';
import type { TrustLevel } from '../verify/types.ts';

/** What a `model.vouch` directory is: the digest of every file in it and the identity they add up to. */
export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly tool: string;
  readonly onnx: Hex32;
  readonly externalData: Hex32;
  readonly quantised: Hex32;
  readonly r1cs: Hex32;
  readonly policy: 'worst-case' | 'calibrated';
  /** Present once `setup` has run. */
  readonly keys?: { readonly modelId: Hex32; readonly trust: TrustLevel };
  /** sha256 of every other file. */
  readonly files: ReadonlyMap<string, Hex32>;
}

export const manifestFormat = 'vouch-model-1';
const keys = ['format', 'tool', 'onnx', 'externalData', 'quantised', 'r1cs', 'policy', 'keys', 'files'];

export function encodeManifest({ files, ...manifest }: Manifest): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sha256]) => ({ name, sha256 }));
  return `${JSON.stringify({ ...manifest, keys: manifest.keys ?? null, files: sorted }, null, 1)}\n`;
}

export function decodeManifest(text: string): Manifest {
  const json = parseJson(text, 'manifest', 1 << 20);
  // First of all: what another format lays down is no mistake in this one.
  const format = asString(fieldOf(asObject(json, 'manifest'), 'format', 'manifest'), 'format', { max: 64 });
  if (format !== manifestFormat) throw new ManifestFormatError(format);
  const manifest = asObject(json, 'manifest', keys);
  const field = (key: string) => fieldOf(manifest, key, 'manifest');
  const entries = asArray(field('files'), 'files', { max: 64 }).map((item, i): [string, Hex32] => {
    const entry = asObject(item, `files[${i}]`, ['name', 'sha256']);
    const name = asString(fieldOf(entry, 'name', 'files'), 'files.name', { max: 256 });
    return [name, asHex32(fieldOf(entry, 'sha256', 'files'), 'files.sha256')];
  });
  const keyed = field('keys');
  const identity = keyed === null ? undefined : asObject(keyed, 'keys', ['modelId', 'trust']);
  return {
    format: manifestFormat,
    tool: asString(field('tool'), 'tool', { max: 64 }),
    onnx: asHex32(field('onnx'), 'onnx'),
    externalData: asHex32(field('externalData'), 'externalData'),
    quantised: asHex32(field('quantised'), 'quantised'),
    r1cs: asHex32(field('r1cs'), 'r1cs'),
    policy: asOneOf(field('policy'), 'policy', ['worst-case', 'calibrated']),
    ...(identity === undefined
      ? {}
      : {
          keys: {
            modelId: asHex32(fieldOf(identity, 'modelId', 'keys'), 'keys.modelId'),
            trust: asOneOf(fieldOf(identity, 'trust', 'keys'), 'keys.trust', ['insecure-dev', 'ceremony']),
          },
        }),
    files: new Map(entries),
  };
}

export class ManifestFormatError extends VouchError {
  override readonly name = 'Store.ManifestFormatError';
  constructor(format: string) {
    super(`the directory has format "${format}"`, {
      metaMessages: [
        `expected "${manifestFormat}"`,
        format.startsWith('vouch-ezkl-')
          ? 'It is of the backend ezkl, which this command does not take.'
          : 'Compile the model again with this version.',
      ],
    });
  }
}
