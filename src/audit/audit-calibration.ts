import { sampleDigest } from '../inspect/sample-digest.ts';
import type { Model } from '../model/model.ts';
import { readSamples } from '../pipeline/samples.ts';
import type { StoredModel } from '../store/stored-model.ts';
import { type AuditCheck, sameDigest, unchecked } from './check.ts';

/** Whether a data file holds the samples that the recipe names. */
export async function auditCalibration(
  { recipe: { calibration } }: StoredModel,
  model: Model,
  path: string | undefined,
): Promise<AuditCheck> {
  const name = 'calibration data';
  if (calibration === null)
    return unchecked(name, 'there was none: ranges and precision come from synthesised samples');
  if (path === undefined)
    return unchecked(name, `${calibration.samples} samples; pass them with --calibrate to compare`);
  const samples = await readSamples(model, path);
  return sameDigest(name, `${samples.length} samples, sha256`, calibration.sha256, sampleDigest(samples));
}
