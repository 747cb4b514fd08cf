import type { Kernel } from '../kernel/contract.ts';
import { examineKey } from '../keys/examine-key.ts';
import { readZkeySummary } from '../keys/zkey.ts';
import type { Model } from '../model/model.ts';
import { modelFile } from '../pipeline/pipeline.ts';
import { SelfTestError, selfTest } from '../pipeline/self-test.ts';
import type { StoredModel } from '../store/stored-model.ts';
import { keccak, verifyingKeyDigest } from '../verify/evm-words.ts';
import { encodeLayout } from '../verify/layout.ts';
import { modelIdOf } from '../verify/model-core.ts';
import { type AuditCheck, fails, holds, sameDigest, unchecked } from './check.ts';

export type StoredKeys = NonNullable<StoredModel['keys']>;

export interface KeyAuditOptions {
  readonly signal?: AbortSignal | undefined;
  readonly kernel?: Kernel | undefined;
  readonly onProgress?: ((stage: string) => void) | undefined;
}

/** Whether the verification file says of this model and key what follows from them. */
export async function auditIdentity(stored: StoredModel, keys: StoredKeys, model: Model): Promise<AuditCheck[]> {
  const { core, layout, verifyingKey } = keys.file;
  const { verifyingKey: inProvingKey } = await readZkeySummary(keys.provingKey);
  const expected = modelFile(model, verifyingKey, core.trust);
  const named = stored.manifest.keys;
  return [
    sameDigest('verifying key', 'digest', verifyingKeyDigest(inProvingKey), verifyingKeyDigest(verifyingKey)),
    sameDigest('verification file', 'layout', keccak(encodeLayout(model.layout)), keccak(encodeLayout(layout))),
    sameDigest('model id', 'id', modelIdOf(expected.core), modelIdOf(core)),
    sameDigest('manifest', `trust ${named?.trust}, id`, `${modelIdOf(core)}`, `${named?.modelId}`),
    named?.trust === core.trust
      ? holds('trust level', `${core.trust} in manifest and core`)
      : fails('trust level', `the manifest says ${named?.trust}, the core ${core.trust}`),
  ];
}

/** Whether the proving key is one of this circuit. */
export async function auditProvingKey(
  { provingKey, file }: StoredKeys,
  model: Model,
  { signal, kernel, onProgress }: KeyAuditOptions,
): Promise<AuditCheck[]> {
  onProgress?.('examine the proving key');
  const findings = await examineKey(provingKey, model.circuit.system, signal);
  const checks = findings.map(({ what, fault }) =>
    fault === undefined ? holds(`proving key: ${what}`, EXAMINED[what]) : fails(`proving key: ${what}`, fault),
  );
  if (findings.some(({ fault }) => fault !== undefined)) {
    return [...checks, unchecked('self-test', 'the proving key is not one of this circuit')];
  }
  onProgress?.('self-test');
  try {
    const { kernel: name, elapsedMs } = await selfTest(model, file, provingKey, { kernel, seed: AUDIT_SEED });
    const seconds = (elapsedMs / 1000).toFixed(1);
    return [...checks, holds('self-test', `a proof of a random input by ${name} verified, ${seconds} s`)];
  } catch (cause) {
    if (!(cause instanceof SelfTestError)) throw cause;
    return [...checks, fails('self-test', [cause.shortMessage, cause.metaMessages[0]].join('; '))];
  }
}

/** Not the input that setup tried. */
const AUDIT_SEED = 2;

const EXAMINED: Readonly<Record<string, string>> = {
  sizes: "wires, public signals and domain are the circuit's",
  'sides A and B': "every coefficient is the circuit's",
  points: 'every point lies on its curve and belongs to a wire that occurs',
  'both groups': 'beta, delta and section B are the same multiples in G1 and G2',
};
