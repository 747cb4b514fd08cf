import { open } from 'node:fs/promises';
import { VouchError } from '../../errors.ts';
import { loadCurveCode } from '../curve-code.ts';
import { startCurve } from '../curve-instance.ts';
import { G1_BYTES } from '../stored-points.ts';
import { SECTION } from '../zkey-format.ts';
import type { CeremonyOptions } from './options.ts';
import type { PhaseTwoKey } from './phase-two-key.ts';

const CHUNK_POINTS = 1 << 14;

/** A point that a contribution multiplies by its secret, and a prover by the witness. */
export interface PointPlace {
  readonly section: number;
  readonly index: number;
}

/** Throws if a point is off the curve: the group it generates there can be small enough to betray a secret. */
export async function checkContributable(key: PhaseTwoKey, options: CeremonyOptions = {}): Promise<void> {
  const found = await findOffCurve(key, options);
  if (found !== undefined) throw new OffCurveError(key.path, found);
}

/** The first point of sections C and H that does not lie on the curve. */
export async function findOffCurve(
  { path, places }: PhaseTwoKey,
  { signal, onProgress }: CeremonyOptions = {},
): Promise<PointPlace | undefined> {
  const { code } = await loadCurveCode();
  const curve = await startCurve(code, G1_BYTES * (CHUNK_POINTS + 1), 65536);
  const address = curve.allocate(G1_BYTES * CHUNK_POINTS);
  const onCurve = curve.call('g1m_inCurveAffine');
  const isInfinite = curve.call('g1m_isZeroAffine');
  const file = await open(path, 'r');
  try {
    for (const id of [SECTION.c, SECTION.h]) {
      const { position, length } = places.get(id) ?? { position: 0, length: 0 };
      for (let offset = 0; offset < length; offset += G1_BYTES * CHUNK_POINTS) {
        signal?.throwIfAborted();
        onProgress?.('check the points', `${Math.round((100 * offset) / length)} %`);
        const size = Math.min(length - offset, G1_BYTES * CHUNK_POINTS);
        await file.read(curve.bytes, address, size, position + offset);
        for (let at = 0; at < size; at += G1_BYTES) {
          if (onCurve(address + at) === 1 || isInfinite(address + at) === 1) continue;
          return { section: id, index: (offset + at) / G1_BYTES };
        }
      }
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Contributing to this key could give the contributor's secret away. */
export class OffCurveError extends VouchError {
  override readonly name = 'Keys.OffCurveError';

  constructor(path: string, { section, index }: PointPlace) {
    super(`Point ${index} of section ${section} in ${path} does not lie on the curve.`, {
      metaMessages: ['No contribution was made. Tell the other participants: the file was damaged or made to deceive.'],
      docsPath: 'docs/ceremony.md',
    });
  }
}
