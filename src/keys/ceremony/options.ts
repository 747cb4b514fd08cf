import type { KernelName } from '../../kernel/choose.ts';

/** What every long step of a ceremony takes. */
export interface CeremonyOptions {
  /** Aborting ends the step at once and leaves no file. */
  readonly signal?: AbortSignal | undefined;
  /** What multiplies and adds points; by default the fastest that works here. `snarkjs` leaves all of it to snarkjs. */
  readonly kernelName?: KernelName | undefined;
  /** The stage now running, of a few, and what is being done in it. */
  readonly onProgress?: ((stage: string, detail?: string) => void) | undefined;
}
