import { InternalError } from '../errors.ts';

/** ffjavascript's WebAssembly for BN254 and where its generators lie in the memory of a fresh instance. */
export interface CurveCode {
  readonly code: Uint8Array;
  readonly generators: { readonly g1: number; readonly g2: number };
}

/** Loads the code on the main thread (ffjavascript cannot be loaded in a worker); it can be sent anywhere. */
export async function loadCurveCode(): Promise<CurveCode> {
  const { buildBn128 } = await import('ffjavascript');
  const { tm } = await buildBn128(true);
  if (!(tm.code instanceof Uint8Array)) throw new InternalError('ffjavascript did not hand out its code.');
  return { code: tm.code.slice(), generators: { g1: tm.pG1gen, g2: tm.pG2gen } };
}
