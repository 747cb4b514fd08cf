// The part of the WebAssembly API that this project calls; TypeScript has it only in the browser's library.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  function instantiate(
    code: Uint8Array<ArrayBuffer>,
    imports: { readonly env?: { readonly memory: Memory } },
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, (...addresses: number[]) => number>> } }>;
}
