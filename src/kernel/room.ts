import { NativeKernelError, STATUS } from './native-status.ts';

/** Room for a result; throws the error of a kernel that lacks memory. */
export function allocateBytes(size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (error) {
    if (error instanceof RangeError) throw new NativeKernelError(STATUS.outOfMemory);
    throw error;
  }
}
