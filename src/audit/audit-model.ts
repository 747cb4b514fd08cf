import { VouchError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { readModelFile } from '../onnx/read.ts';
import { recompile } from '../pipeline/recompile.ts';
import type { StoredModel } from '../store/stored-model.ts';
import { keccak } from '../verify/evm-words.ts';
import { encodeLayout } from '../verify/layout.ts';
import { type AuditCheck, fails, holds, sameDigest } from './check.ts';

export interface ModelAudit {
  readonly checks: readonly AuditCheck[];
  /** What the ONNX file is today; missing where it could not be compiled by the recipe. */
  readonly recompiled?: Model;
}

/** Compiles the ONNX file again by the recipe and compares what comes out with what the directory holds. */
export function auditModel(onnx: string, stored: StoredModel): ModelAudit {
  const { manifest, recipe, digests: files } = stored;
  const { sha256, externalDataSha256 } = readModelFile(onnx);
  const source = [
    sameDigest('ONNX file', 'sha256', manifest.onnx, `0x${sha256}`),
    sameDigest('external data', 'sha256', manifest.externalData, externalDataSha256),
  ];
  try {
    const recompiled = recompile(onnx, recipe);
    const { digests, layout, circuit } = recompiled;
    const { rows, wires } = circuit.system;
    return {
      recompiled,
      checks: [
        ...source,
        sameDigest('quantised graph', describePrecision(stored), digests.quantised, files.quantised),
        sameDigest('constraint system', `${rows} rows, ${wires} wires,`, digests.r1cs, manifest.r1cs),
        sameDigest('layout', 'keccak', keccak(encodeLayout(layout)), keccak(stored.layout)),
      ],
    };
  } catch (cause) {
    if (!(cause instanceof VouchError)) throw cause;
    const reason = `the ONNX file cannot be compiled by the recipe: ${cause.shortMessage}`;
    const rest = ['quantised graph', 'constraint system', 'layout'].map((name) => fails(name, reason));
    return { checks: [...source, ...rest] };
  }
}

/** Whether every file is the one that the manifest names. */
export function auditFiles({ faults, manifest }: StoredModel): AuditCheck {
  if (faults.length > 0) return fails('files', faults.join('; '));
  return holds('files', `${manifest.files.size} files are those that the manifest names`);
}

function describePrecision({ recipe: { precision, policy } }: StoredModel): string {
  const { weightBits, activationBits, nodes } = precision;
  const own = nodes.size === 0 ? '' : ` (${nodes.size} nodes with their own)`;
  return `weights ${weightBits} bits, activations ${activationBits}${own}, ranges ${policy.name},`;
}
