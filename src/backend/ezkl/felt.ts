import { isScalar, type Scalar } from '../../field/bn254.ts';
import { asString, type JsonValue, MalformedJsonError } from '../../verify/json.ts';

/** A field element as EZKL's files spell it: 32 bytes, the lowest first. */
export function decodeFelt(json: JsonValue, path: string): Scalar {
  const text = asString(json, path, { max: 64 });
  if (!/^[0-9a-f]{64}$/.test(text)) throw new MalformedJsonError(path, 'expected 32 bytes in hexadecimal');
  const value = BigInt(`0x${Buffer.from(text, 'hex').reverse().toString('hex')}`);
  if (!isScalar(value)) throw new MalformedJsonError(path, 'it is not below the field modulus');
  return value;
}

export function encodeFelt(value: Scalar): string {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
}

/** The real number that an integer stands for at 2^−scaleBits. */
export const toReal = (integer: bigint, scaleBits: number): number => Number(integer) / 2 ** scaleBits;
