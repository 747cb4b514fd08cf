import { VouchError } from '../errors.ts';
import {
  asArray,
  asNatural,
  asNumber,
  asObject,
  asOneOf,
  asString,
  asTuple,
  fieldOf,
  type JsonValue,
  MalformedJsonError,
} from './json.ts';
import { checkG1, checkG2, checkVerifyingKey } from './points.ts';
import type { Fp2, G1Point, G2Point, Groth16Proof, VerifyingKey } from './types.ts';

/** snarkjs's form of a verifying key: projective coordinates as decimal strings. */
export interface VerifyingKeyJson {
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
  readonly nPublic: number;
  readonly vk_alpha_1: string[];
  readonly vk_beta_2: string[][];
  readonly vk_gamma_2: string[][];
  readonly vk_delta_2: string[][];
  readonly IC: string[][];
}

/** snarkjs's form of a proof. */
export interface ProofJson {
  readonly pi_a: string[];
  readonly pi_b: string[][];
  readonly pi_c: string[];
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

/** `verification_key.json`; without `vk_alphabeta_12`, a cached value that no verifier needs. */
export function encodeVerifyingKeyJson({ alpha, beta, gamma, delta, ic }: VerifyingKey): VerifyingKeyJson {
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: ic.length - 1,
    vk_alpha_1: encodeG1(alpha),
    vk_beta_2: encodeG2(beta),
    vk_gamma_2: encodeG2(gamma),
    vk_delta_2: encodeG2(delta),
    IC: ic.map(encodeG1),
  };
}

/** Reads a `verification_key.json` of ours or of snarkjs and checks every point. */
export function decodeVerifyingKeyJson(json: JsonValue): VerifyingKey {
  const key = asObject(json, WHERE_KEY);
  const protocol = asString(fieldOf(key, 'protocol', WHERE_KEY), 'protocol', { max: 32 });
  const curve = asString(fieldOf(key, 'curve', WHERE_KEY), 'curve', { max: 32 });
  if (protocol !== 'groth16' || curve !== 'bn128') throw new UnsupportedKeyError(protocol, curve);
  const ic = asArray(fieldOf(key, 'IC', WHERE_KEY), 'IC', { max: MAX_SIGNALS + 1 });
  if (asNumber(fieldOf(key, 'nPublic', WHERE_KEY), 'nPublic') !== ic.length - 1) {
    throw new MalformedJsonError('nPublic', `IC has ${ic.length} points, expected one more than there are signals`);
  }
  const decoded = {
    alpha: decodeG1(fieldOf(key, 'vk_alpha_1', WHERE_KEY), 'vk_alpha_1'),
    beta: decodeG2(fieldOf(key, 'vk_beta_2', WHERE_KEY), 'vk_beta_2'),
    gamma: decodeG2(fieldOf(key, 'vk_gamma_2', WHERE_KEY), 'vk_gamma_2'),
    delta: decodeG2(fieldOf(key, 'vk_delta_2', WHERE_KEY), 'vk_delta_2'),
    ic: ic.map((point, i) => decodeG1(point, `IC[${i}]`)),
  };
  checkVerifyingKey(decoded);
  return decoded;
}

export function encodeProofJson({ a, b, c }: Groth16Proof): ProofJson {
  return { pi_a: encodeG1(a), pi_b: encodeG2(b), pi_c: encodeG1(c), protocol: 'groth16', curve: 'bn128' };
}

/** Reads a proof and checks its points. */
export function decodeProofJson(json: JsonValue): Groth16Proof {
  const proof = asObject(json, 'proof', ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve']);
  asOneOf(fieldOf(proof, 'protocol', 'proof'), 'proof.protocol', ['groth16']);
  asOneOf(fieldOf(proof, 'curve', 'proof'), 'proof.curve', ['bn128']);
  const decoded = {
    a: decodeG1(fieldOf(proof, 'pi_a', 'proof'), 'pi_a'),
    b: decodeG2(fieldOf(proof, 'pi_b', 'proof'), 'pi_b'),
    c: decodeG1(fieldOf(proof, 'pi_c', 'proof'), 'pi_c'),
  };
  checkG1('pi_a', decoded.a);
  checkG2('pi_b', decoded.b);
  checkG1('pi_c', decoded.c);
  return decoded;
}

const WHERE_KEY = 'verification key';
const MAX_SIGNALS = 1 << 16;

function encodeG1([x, y]: G1Point): string[] {
  return x === 0n && y === 0n ? ['0', '1', '0'] : [String(x), String(y), '1'];
}

function encodeG2([x, y]: G2Point): string[][] {
  const infinite = [...x, ...y].every((coordinate) => coordinate === 0n);
  if (infinite)
    return [
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ];
  return [x.map(String), y.map(String), ['1', '0']];
}

/** Only the two forms that snarkjs writes: z = 1, or (0 : 1 : 0) for infinity; so a point has one spelling. */
function decodeG1(json: JsonValue, path: string): G1Point {
  const [x, y, z] = asTuple(json, path, 3).map((part) => asNatural(part, path));
  if (z === 1n && (x !== 0n || y !== 0n)) return [x, y];
  if (x === 0n && y === 1n && z === 0n) return [0n, 0n];
  throw new MalformedJsonError(path, 'the point is not normalised');
}

function decodeG2(json: JsonValue, path: string): G2Point {
  const [x, y, z] = asTuple(json, path, 3).map((pair): Fp2 => {
    const [c0, c1] = asTuple(pair, path, 2).map((part) => asNatural(part, path));
    return [c0, c1];
  });
  const isPair = ([c0, c1]: Fp2, e0: bigint, e1: bigint) => c0 === e0 && c1 === e1;
  if (isPair(z, 1n, 0n) && !(isPair(x, 0n, 0n) && isPair(y, 0n, 0n))) return [x, y];
  if (isPair(x, 0n, 0n) && isPair(y, 1n, 0n) && isPair(z, 0n, 0n)) {
    return [
      [0n, 0n],
      [0n, 0n],
    ];
  }
  throw new MalformedJsonError(path, 'the point is not normalised');
}

/** The file describes a key of another proof system or curve. */
export class UnsupportedKeyError extends VouchError {
  override readonly name = 'Verify.UnsupportedKeyError';

  constructor(protocol: string, curve: string) {
    super(`The verification key is for ${protocol} over ${curve}, expected groth16 over bn128.`);
  }
}
