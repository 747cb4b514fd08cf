import { VouchError } from '../errors.ts';
import { SCALAR_MODULUS } from '../field/bn254.ts';
import { drawSample } from '../inspect/draw-sample.ts';
import { chooseKernel } from '../kernel/choose.ts';
import type { Kernel } from '../kernel/contract.ts';
import type { Model } from '../model/model.ts';
import type { ModelFile } from '../verify/model-file.ts';
import { infer, prove } from './prove.ts';

export interface SelfTest {
  readonly status: 'passed';
  readonly kernel: string;
  readonly elapsedMs: number;
}

export interface SelfTestOptions {
  /** By default the fastest that works here; it is closed afterwards. */
  readonly kernel?: Kernel | undefined;
  /** Which random input is proved; the same seed gives the same one. */
  readonly seed?: number;
}

/**
 * Proves a random input under a key and verifies the proof; throws unless that works. It shows that key and circuit
 * belong together as far as this input exercises them, and says nothing about who knows the key's secrets.
 */
export async function selfTest(
  model: Model,
  file: ModelFile,
  provingKey: string | Uint8Array,
  { kernel, seed = 1 }: SelfTestOptions = {},
): Promise<SelfTest> {
  const own = kernel ?? chooseKernel().kernel;
  const sample = drawSample(model.quantised, seed);
  const started = performance.now();
  try {
    await prove(model, file, infer(model, sample), { kernel: own, provingKey, binding: BINDING });
  } catch (cause) {
    throw new SelfTestError(own.name, cause);
  } finally {
    if (kernel === undefined) await own.close();
  }
  return { status: 'passed', kernel: own.name, elapsedMs: performance.now() - started };
}

/** A wire that holds 0 would hide what a key does with it. */
const BINDING = SCALAR_MODULUS / 3n;

/** A key cannot prove what its model computes. */
export class SelfTestError extends VouchError {
  override readonly name = 'SelfTestError';

  constructor(kernel: string, cause: unknown) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    super('the key failed its self-test: it cannot prove the model it was made for', {
      metaMessages: [`kernel ${kernel}: ${reason}`, 'Nothing was kept. Compile the model and make the key again.'],
      cause,
    });
  }
}
