import { VouchError } from '../../errors.ts';
import { BASE_MODULUS } from '../../field/bn254.ts';
import { FIELD_BYTES, readLittleEndian } from '../../field/bytes.ts';
import { MalformedFileError } from '../../field/sections.ts';
import { readSectionTable } from '../section-table.ts';
import { G1_BYTES, G2_BYTES } from '../stored-points.ts';
import { blake2bOfFile } from './digest.ts';
import { knownPtau, type PtauOrigin } from './known-ptau.ts';
import type { CeremonyOptions } from './options.ts';
import { runSnarkjs } from './snarkjs-process.ts';

/** A Powers of Tau file, prepared for phase 2, whose contents can be relied on. */
export interface TrustedPtau {
  readonly path: string;
  /** It serves systems of up to 2^power rows. */
  readonly power: number;
  readonly blake2b: string;
  readonly origin?: PtauOrigin;
}

export interface PtauOptions extends CeremonyOptions {
  /** BLAKE2b-512 of a file that the caller has checked before. */
  readonly trustedDigest?: string | undefined;
}

/**
 * Admits a file if its digest is one that we know or that the caller names, and otherwise if every point and every
 * contribution in it checks out, which takes minutes for a large one. Anything else is refused.
 */
export async function admitPtau(path: string, options: PtauOptions = {}): Promise<TrustedPtau> {
  const power = await readPtauPower(path);
  options.onProgress?.('hash the Powers of Tau');
  const blake2b = await blake2bOfFile(path, options.signal);
  const { trustedDigest } = options;
  if (trustedDigest !== undefined && trustedDigest !== blake2b) throw new PtauDigestError(path, trustedDigest, blake2b);
  const origin = knownPtau(blake2b);
  if (origin !== undefined) return { path, power, blake2b, origin };
  if (trustedDigest === undefined) {
    const { accepted, complaints } = await runSnarkjs({ kind: 'verify-ptau', ptau: path }, options);
    if (!accepted) throw new InvalidPtauError(path, complaints);
  }
  return { path, power, blake2b };
}

const FORMAT = { magic: 'ptau', version: 1, sections: [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] };
const HEADER = 1;
const HEADER_BYTES = 4 + FIELD_BYTES + 8;
const MAX_POWER = 28;

async function readPtauPower(path: string): Promise<number> {
  const { places, kept } = await readSectionTable(path, FORMAT, new Map([[HEADER, HEADER_BYTES]]));
  const header = kept.get(HEADER);
  if (header?.length !== HEADER_BYTES) throw new MalformedFileError('ptau', 'its header is missing or too short');
  const power = new DataView(header.buffer).getUint32(4 + FIELD_BYTES, true);
  if (readLittleEndian(header, 4) !== BASE_MODULUS) throw new MalformedFileError('ptau', 'its curve is not BN254');
  if (power > MAX_POWER) throw new MalformedFileError('ptau', `its power is ${power}, at most ${MAX_POWER}`);
  if (!places.has(12)) throw new UnpreparedPtauError(path);
  const points = 2 ** power;
  const lagrange = 2 * points - 1;
  const expected: [number, number][] = [
    [2, G1_BYTES * (2 * points - 1)],
    [3, G2_BYTES * points],
    [4, G1_BYTES * points],
    [5, G1_BYTES * points],
    [6, G2_BYTES],
    [12, G1_BYTES * (4 * points - 1)],
    [13, G2_BYTES * lagrange],
    [14, G1_BYTES * lagrange],
    [15, G1_BYTES * lagrange],
  ];
  for (const [id, length] of expected) {
    const found = places.get(id)?.length ?? 0;
    if (found !== length) throw new MalformedFileError('ptau', `section ${id} has ${found} bytes, expected ${length}`);
  }
  if (!places.has(7)) throw new MalformedFileError('ptau', 'its contributions are missing');
  return power;
}

/** The first phase is done, but the file was not prepared for the second. */
export class UnpreparedPtauError extends VouchError {
  override readonly name = 'Keys.UnpreparedPtauError';

  constructor(path: string) {
    super(`${path} is not prepared for phase 2.`, {
      metaMessages: ['Run: snarkjs powersoftau prepare phase2 <in.ptau> <out.ptau>'],
      docsPath: 'docs/ceremony.md',
    });
  }
}

/** The file is another than the one that was named. */
export class PtauDigestError extends VouchError {
  override readonly name = 'Keys.PtauDigestError';

  constructor(path: string, expected: string, got: string) {
    super(`${path} is not the Powers of Tau file that was asked for.`, {
      metaMessages: [`expected BLAKE2b ${expected}`, `got      BLAKE2b ${got}`],
    });
  }
}

/** Its contents are not powers of one secret, or a contribution does not follow from the one before. */
export class InvalidPtauError extends VouchError {
  override readonly name = 'Keys.InvalidPtauError';

  constructor(path: string, complaints: readonly string[]) {
    super(`${path} does not hold valid Powers of Tau.`, {
      metaMessages: [...complaints, 'Get the file again from a published ceremony.'],
      docsPath: 'docs/ceremony.md',
    });
  }
}
