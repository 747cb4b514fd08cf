import type { KernelName } from '../../kernel/choose.ts';
import type { StepKernel } from './lend-kernel.ts';

/** A task, and the kernel that was asked for. */
export interface SnarkjsRequest {
  readonly task: SnarkjsTask;
  readonly kernelName?: KernelName | undefined;
}

/** What the child process that runs snarkjs is asked to do. Paths only: no secret crosses between processes. */
export type SnarkjsTask =
  | { readonly kind: 'verify-ptau'; readonly ptau: string }
  | { readonly kind: 'start'; readonly r1cs: string; readonly ptau: string; readonly zkey: string }
  | { readonly kind: 'contribute'; readonly from: string; readonly to: string; readonly name: string }
  | {
      readonly kind: 'beacon';
      readonly from: string;
      readonly to: string;
      readonly name: string;
      readonly hash: string;
      readonly iterationsLog2: number;
    }
  | { readonly kind: 'verify'; readonly r1cs: string; readonly ptau: string; readonly zkey: string };

/** What the child process tells. */
export type SnarkjsMessage =
  | { readonly kind: 'progress'; readonly detail: string }
  | { readonly kind: 'complaint'; readonly text: string }
  | { readonly kind: 'outcome'; readonly accepted: boolean; readonly kernel: StepKernel };
