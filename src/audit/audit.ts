import { VouchError } from '../errors.ts';
import type { Kernel } from '../kernel/contract.ts';
import { hasCeremonyGamma } from '../keys/ceremony/phase-two-key.ts';
import type { PtauOptions } from '../keys/ceremony/ptau.ts';
import { readZkeySummary } from '../keys/zkey.ts';
import type { Model } from '../model/model.ts';
import { readStoredModel, type StoredModel } from '../store/stored-model.ts';
import { auditCalibration } from './audit-calibration.ts';
import { auditCeremony, NoPtauError } from './audit-ceremony.ts';
import { auditCode } from './audit-code.ts';
import { auditIdentity, auditProvingKey, type StoredKeys } from './audit-keys.ts';
import { auditFiles, auditModel } from './audit-model.ts';
import { type AuditCheck, unchecked } from './check.ts';

export interface AuditOptions extends PtauOptions {
  /** Powers of Tau; needed where the keys come from a ceremony. */
  readonly ptau?: string | undefined;
  /** The data that the model was compiled with. */
  readonly calibrate?: string | undefined;
  /** A verifier contract, and the node to ask. */
  readonly contract?: { readonly address: string; readonly rpc: string } | undefined;
  readonly kernel?: Kernel | undefined;
}

export interface AuditReport {
  /** Nothing that was looked at is false. */
  readonly passed: boolean;
  readonly checks: readonly AuditCheck[];
  /** What no check of this kind of key can show. */
  readonly beyond: readonly string[];
}

/** Ties circuit, keys and deployed code to an ONNX file. Trusts the file, this program, and nothing in the directory. */
export async function audit(onnx: string, directory: string, options: AuditOptions = {}): Promise<AuditReport> {
  options.onProgress?.('read');
  const stored = await readStoredModel(directory);
  const { keys } = stored;
  if (keys === undefined && options.contract !== undefined) throw new NoModelIdError(directory);
  if (keys?.file.core.trust === 'ceremony' && options.ptau === undefined) throw new NoPtauError();
  options.onProgress?.('recompile');
  const { checks: ofModel, recompiled } = auditModel(onnx, stored);
  const checks = [auditFiles(stored), ...ofModel];
  if (recompiled === undefined) checks.push(unchecked('keys', 'there is no circuit to compare them with'));
  else {
    checks.push(await auditCalibration(stored, recompiled, options.calibrate));
    if (keys === undefined) checks.push(unchecked('keys', 'the directory has none'));
    else checks.push(...(await auditKeys(stored, keys, recompiled, options)));
  }
  if (keys !== undefined && options.contract !== undefined) {
    options.onProgress?.('compare the deployed code');
    checks.push(await auditCode(keys.file, options.contract.address, options.contract.rpc));
  }
  return { passed: checks.every(({ status }) => status !== 'fails'), checks, beyond: beyondOf(stored) };
}

async function auditKeys(
  stored: StoredModel,
  keys: StoredKeys,
  model: Model,
  options: AuditOptions,
): Promise<AuditCheck[]> {
  const checks = [...(await auditIdentity(stored, keys, model)), ...(await auditProvingKey(keys, model, options))];
  const { ptau } = options;
  if (ptau === undefined) return checks;
  const { core } = keys.file;
  if (core.trust === 'insecure-dev' && !hasCeremonyGamma(await readZkeySummary(keys.provingKey))) {
    return [...checks, unchecked('ceremony', 'a development key was made without Powers of Tau')];
  }
  return [...checks, ...(await auditCeremony(keys, model, ptau, options))];
}

function beyondOf({ keys, recipe }: StoredModel): string[] {
  const beyond = recipe.calibration === null ? [] : ['that the ranges in the recipe are those of the calibration data'];
  if (keys === undefined) return beyond;
  if (keys.file.core.trust === 'ceremony') return [...beyond, 'that one contributor at least destroyed his secret'];
  return [
    ...beyond,
    'who knows the secrets of a development key: its maker can forge proofs, whatever this audit finds',
    'sections C and H of a development key beyond the wires that the self-test exercises',
  ];
}

/** A contract can only be compared with a model that has keys. */
export class NoModelIdError extends VouchError {
  override readonly name = 'Audit.NoModelIdError';

  constructor(directory: string) {
    super(`"${directory}" has no keys, so no contract can be its verifier`, {
      metaMessages: [`Make them with: vouch setup ${directory}`],
    });
  }
}
