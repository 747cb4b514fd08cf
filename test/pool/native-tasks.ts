import type { Control } from '../../src/pool/control.ts';
import type { Tasks } from '../../src/pool/task-module.ts';
import { openFloatRuntime } from '../../src/runtime/onnxruntime.ts';

export interface NativeSetup {
  readonly onnx: string;
  readonly size: number;
}

/** Runs of onnxruntime that last long enough to be cancelled in the middle. */
export async function createTasks({ onnx, size }: NativeSetup): Promise<Tasks> {
  const runtime = await openFloatRuntime(onnx, [{ name: 'x', shape: [size, size] }]);
  const x = new Map([['x', new Float64Array(size * size)]]);
  return {
    run: (entered: Int32Array, control: Control) =>
      control.native(async () => {
        Atomics.store(entered, 0, 1);
        await runtime.run(x);
        Atomics.store(entered, 0, 2);
      }),
  };
}
