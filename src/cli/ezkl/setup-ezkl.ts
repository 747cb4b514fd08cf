import type { EzklKeys } from '../../backend/ezkl/manifest.ts';
import { ArgumentError } from '../arguments.ts';
import type { BackendArguments } from '../backend-options.ts';
import type { Progress } from '../progress.ts';
import type { Outcome } from '../run.ts';
import { withEzkl } from './with-ezkl.ts';

export interface EzklSetupArguments extends BackendArguments {
  readonly srs?: string;
  readonly trustSrs?: string;
}

/** What of `setup`'s options EZKL has nothing for. */
export const groth16SetupOnly = ['ptau', 'trustPtau', 'selfTest'];

function advice({ srs, trust }: EzklKeys): string {
  if (srs === 'generated') {
    return 'whoever ran this can forge proofs; use it for development only, or give the public setup with --srs';
  }
  if (srs === 'public') return 'the public setup, sound as long as one of its many contributors forgot the secret';
  return trust === 'ceremony'
    ? 'you vouch for this reference string with --trust-srs'
    : 'whoever made this reference string can forge proofs; give the public one, or vouch for it with --trust-srs';
}

/** EZKL's keys, from a structured reference string that is given or made here. */
export async function setupWithEzkl(
  directory: string,
  { srs: path, trustSrs, ...options }: EzklSetupArguments,
  progress: Progress,
): Promise<Outcome> {
  if (trustSrs !== undefined && path === undefined) throw new ArgumentError('--trust-srs', trustSrs, '--srs beside it');
  if (trustSrs !== undefined && !/^[0-9a-f]{64}$/.test(trustSrs)) {
    throw new ArgumentError('--trust-srs', trustSrs, 'a SHA-256 in lower-case hexadecimal');
  }
  const srs = path === undefined ? undefined : { path, trusted: trustSrs };
  const started = performance.now();
  return withEzkl(
    options,
    progress,
    async (backend, steps) => {
      const keys = await backend.setup({ directory, ...steps });
      const elapsedMs = Math.round(performance.now() - started);
      const value = { directory, backend: 'ezkl', ...keys, elapsedMs, peakMb: backend.peakMb() };
      return { value, text: `model ${keys.modelId}\ntrust ${keys.trust}: ${advice(keys)}` };
    },
    { srs },
  );
}
