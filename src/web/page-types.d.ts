// The part of a browser that src/web uses; TypeScript has it only in the browser's library, which would hide what is Node's.
declare class Worker {
  constructor(script: string | URL, options: { readonly type: 'module' });
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: { readonly message?: string }) => void): void;
}

/** Inside a worker. */
declare const self: {
  readonly location: { readonly href: string };
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
};
declare const location: { readonly href: string };
declare const navigator: { readonly hardwareConcurrency?: number };
declare const crossOriginIsolated: boolean | undefined;
