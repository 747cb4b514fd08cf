import { isScalar, type Scalar } from '../../field/bn254.ts';
import {
  asArray,
  asHex32,
  asNatural,
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
import { decodeFelt, encodeFelt } from './felt.ts';
import { EZKL_VERSION, EzklVersionError } from './version.ts';

export const ezklProofFormat = 'vouch-ezkl-proof-1';

/** A proof of EZKL's and the numbers that it is about. */
export interface EzklProof {
  readonly instances: readonly Scalar[];
  readonly proof: Uint8Array;
}

/** What `prove --backend ezkl` writes: EZKL's proof, tied to the model that it is of. */
export interface EzklProofFile extends EzklProof {
  readonly version: string;
  readonly modelId: Hex32;
  readonly trust: TrustLevel;
  /** How EZKL was reached. */
  readonly kernel: 'binary' | 'wheel';
  /** The numbers as reals, for whoever reads the file; a verifier computes them again. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** Bytes of a proof file. */
export const MAX_PROOF_FILE = 1 << 26;
const MAX_INSTANCES = 1 << 20;
const MAX_PROOF = 1 << 22;
const fields = ['format', 'backend', 'version', 'modelId', 'trust', 'kernel', 'instances', 'proof', 'values'];

export function encodeEzklProofFile(file: EzklProofFile): string {
  const { version, modelId, trust, kernel, values } = file;
  const instances = file.instances.map(String);
  const proof = `0x${Buffer.from(file.proof).toString('hex')}`;
  const head = { format: ezklProofFormat, backend: 'ezkl', version, modelId, trust, kernel };
  return `${JSON.stringify({ ...head, instances, proof, values }, null, 1)}\n`;
}

/** Whether a proof file is of this backend; says nothing of whether it is well formed. */
export function isEzklProofFile(text: string): boolean {
  return /"format":\s*"vouch-ezkl-proof-/.test(text.slice(0, 200));
}

export function decodeEzklProofFile(text: string): EzklProofFile {
  const file = asObject(parseJson(text, 'proof file', MAX_PROOF_FILE), 'proof file', fields);
  const field = (key: string) => fieldOf(file, key, 'proof file');
  asOneOf(field('format'), 'format', [ezklProofFormat]);
  asOneOf(field('backend'), 'backend', ['ezkl']);
  const version = asString(field('version'), 'version', { max: 64 });
  if (version !== EZKL_VERSION) throw new EzklVersionError('the proof', version, 'Prove it again.');
  const proof = asString(field('proof'), 'proof', { max: 2 + 2 * MAX_PROOF });
  if (!/^0x([0-9a-f]{2})*$/.test(proof)) throw new MalformedJsonError('proof', 'expected bytes in lower-case hex');
  const values = asObject(field('values'), 'values');
  return {
    version,
    modelId: asHex32(field('modelId'), 'modelId'),
    trust: asOneOf(field('trust'), 'trust', ['insecure-dev', 'ceremony']),
    kernel: asOneOf(field('kernel'), 'kernel', ['binary', 'wheel']),
    instances: asArray(field('instances'), 'instances', { max: MAX_INSTANCES }).map((item) => {
      const value = asNatural(item, 'instances');
      if (isScalar(value)) return value;
      throw new MalformedJsonError('instances', 'a number is not below the field modulus');
    }),
    proof: new Uint8Array(Buffer.from(proof.slice(2), 'hex')),
    values: Object.fromEntries(
      Object.entries(values).map(([name, list]) => [
        name,
        asArray(list, 'values', { max: MAX_INSTANCES }).map((item) => asNumber(item, 'values')),
      ]),
    ),
  };
}

/** The proof as EZKL itself reads it. */
export function toEzklJson({ instances, proof }: EzklProof): string {
  return JSON.stringify({
    protocol: null,
    instances: [instances.map(encodeFelt)],
    proof: [...proof],
    split: null,
    pretty_public_inputs: null,
    timestamp: null,
    version: EZKL_VERSION,
  });
}

/** The proof as EZKL itself wrote it. */
export function fromEzklJson(json: JsonValue): EzklProof {
  const file = asObject(json, "EZKL's proof");
  const columns = asArray(fieldOf(file, 'instances', 'proof'), 'instances', { max: 1 });
  const bytes = asArray(fieldOf(file, 'proof', 'proof'), 'proof', { max: MAX_PROOF });
  return {
    instances: columns.flatMap((column) =>
      asArray(column, 'instances', { max: MAX_INSTANCES }).map((item) => decodeFelt(item, 'instances')),
    ),
    proof: Uint8Array.from(bytes, (item) => {
      const byte = asNumber(item, 'proof');
      if (!Number.isInteger(byte) || byte < 0 || byte > 255) throw new MalformedJsonError('proof', 'expected bytes');
      return byte;
    }),
  };
}
