// The part of the WebAssembly API that this project calls; TypeScript has it only in the browser's library.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    readonly buffer: ArrayBuffer;
  }
  class Global {
    value: number;
  }
  class Module {
    constructor(code: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: Exports;
  }
  class RuntimeError extends Error {}
  type Exports = Readonly<Record<string, (...values: number[]) => number>>;
  interface Imports {
    readonly env?: { readonly memory: Memory; readonly report?: (thousandths: number) => void };
  }
  function compile(code: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(code: Uint8Array<ArrayBuffer>, imports: Imports): Promise<{ readonly instance: Instance }>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
  function validate(code: Uint8Array<ArrayBuffer>): boolean;
}
