import { InternalError, VouchError } from '../errors.ts';
import type { WasmBuild } from '../kernel/wasm-build.ts';
import type { ThreadStart } from '../kernel/wasm-module.ts';
import type { Proved } from '../pipeline/prove.ts';
import type { Sample } from '../quant/sample.ts';
import type { ProofExpectations, ProofVerdict } from '../verify/check-proof.ts';
import type { ModelFile } from '../verify/model-file.ts';
import type { ProofFile } from '../verify/proof-file.ts';
import type { ProveInPage, Stage } from './session.ts';

/** What the page's worker can be asked, and what it answers. */
export interface Calls {
  open: {
    readonly input: {
      readonly model: string;
      readonly kernels: Readonly<Record<WasmBuild, string>>;
      readonly threads: number;
    };
    readonly output: Opened;
  };
  prove: { readonly input: { readonly sample: Sample; readonly options: ProveInPage }; readonly output: Proved };
  verify: {
    readonly input: { readonly proof: ProofFile; readonly expected: ProofExpectations };
    readonly output: ProofVerdict;
  };
}

export interface Opened {
  readonly kernel: string;
  readonly file: ModelFile;
  /** Where to cancel; memory can be shared in cross-origin isolated pages only. */
  readonly cancel?: { readonly memory: WebAssembly.Memory; readonly word: number } | undefined;
}

export type Request = {
  readonly [Name in keyof Calls]: { readonly name: Name; readonly input: Calls[Name]['input'] };
}[keyof Calls];

/** To the same script, in a thread that the leading one starts. */
export interface ThreadRequest {
  readonly thread: ThreadStart;
}

export type Message =
  | { readonly progress: { readonly stage: Stage; readonly fraction: number } }
  | { readonly result: unknown }
  | { readonly failure: Failure }
  | { readonly ready: true };

/** An error as it crosses threads. */
export interface Failure {
  readonly name: string;
  readonly shortMessage: string;
  readonly metaMessages: readonly string[];
  readonly isOurs: boolean;
}

export function toFailure(error: unknown): Failure {
  if (error instanceof VouchError) {
    return { name: error.name, shortMessage: error.shortMessage, metaMessages: error.metaMessages, isOurs: false };
  }
  const [name, shortMessage] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
  return { name, shortMessage, metaMessages: [], isOurs: true };
}

/** What the worker threw, with its name kept in the message's chain. */
export function fromFailure({ name, shortMessage, metaMessages, isOurs }: Failure): Error {
  if (isOurs) return new InternalError(`${name}: ${shortMessage}`);
  return Object.defineProperty(new VouchError(shortMessage, { metaMessages }), 'name', { value: name });
}
