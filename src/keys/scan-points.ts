import { type FileHandle, open } from 'node:fs/promises';
import { MalformedFileError } from '../field/sections.ts';
import { loadCurveCode } from './curve-code.ts';
import { type CurveInstance, startCurve } from './curve-instance.ts';
import type { SectionPlace } from './section-table.ts';
import { G1_BYTES, G2_BYTES } from './stored-points.ts';

/** Points of one or two sections, side by side, in the memory of a curve instance. */
export interface PointChunk {
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
  /** Where the points of each section lie. */
  readonly addresses: readonly number[];
}

export interface PointScanner {
  readonly curve: CurveInstance;
  /** Visits the points of sections of equal length, in order; stops early when told `false`. */
  scan(sections: readonly ScannedSection[], visit: (chunk: PointChunk) => boolean): Promise<void>;
}

export interface ScannedSection {
  readonly place: SectionPlace;
  readonly group: 'g1' | 'g2';
}

const CHUNK_POINTS = 1 << 12;
const POINT_BYTES = { g1: G1_BYTES, g2: G2_BYTES } as const;
/** Multi-exponentiation keeps its buckets beyond what is allocated. */
const SCRATCH_BYTES = 1 << 23;

/** Opens a key's file for reading its points in chunks. `space` bytes more can be allocated from the instance. */
export async function withPoints<T>(
  path: string,
  space: number,
  work: (scanner: PointScanner) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { code } = await loadCurveCode();
  const curve = await startCurve(code, (G1_BYTES + G2_BYTES) * (CHUNK_POINTS + 1) + space, SCRATCH_BYTES);
  const addresses = { g1: curve.allocate(G1_BYTES * CHUNK_POINTS), g2: curve.allocate(G2_BYTES * CHUNK_POINTS) };
  const file = await open(path, 'r');
  const scan: PointScanner['scan'] = async (sections, visit) => {
    const total = sections[0].place.length / POINT_BYTES[sections[0].group];
    for (let first = 0; first < total; first += CHUNK_POINTS) {
      signal?.throwIfAborted();
      const count = Math.min(CHUNK_POINTS, total - first);
      for (const { place, group } of sections) {
        const size = POINT_BYTES[group];
        await load(file, curve, addresses[group], place.position + size * first, size * count);
      }
      if (!visit({ first, count, addresses: sections.map(({ group }) => addresses[group]) })) return;
    }
  };
  try {
    return await work({ curve, scan });
  } finally {
    await file.close();
  }
}

async function load(file: FileHandle, { bytes }: CurveInstance, address: number, position: number, length: number) {
  const { bytesRead } = await file.read(bytes, address, length, position);
  if (bytesRead !== length) throw new MalformedFileError('zkey', `it ends at byte ${position + bytesRead}`);
}
