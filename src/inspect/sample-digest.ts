import { createHash } from 'node:crypto';
import type { Sample } from '../quant/sample.ts';

/** sha256 of what the samples say, whatever file they came in: each input's name, length and little-endian doubles. */
export function sampleDigest(samples: readonly Sample[]): `0x${string}` {
  const hash = createHash('sha256');
  for (const sample of samples) {
    for (const [name, values] of [...sample].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${JSON.stringify([name, values.length])}\n`);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return `0x${hash.digest('hex')}`;
}
