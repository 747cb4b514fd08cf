// The builds of the WebAssembly kernel and snarkjs in one page and one thread, on the same key and witness.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { vectorOf } from '../src/field/vector.ts';
import { createDevelopmentKey } from '../src/keys/dev.ts';
import { encodeWtns } from '../src/witness/file.ts';
import type { Browser } from '../test/web/chromium.ts';
import { networkLikeCircuit } from './network-like-circuit.ts';

/** One kernel's whole proofs, in milliseconds of wall time, after one that is not counted. */
export interface PageKernel {
  /** Binary logarithm of the domain. */
  readonly bits: number;
  readonly kernel: string;
  readonly proofMs: readonly number[];
  /** snarkjs' time over this one's: median over the runs, each beside the other. */
  readonly snarkjsRatio: number;
}

const KERNELS = ['fma', 'simd', 'snarkjs'] as const;

/** Proves in turn with every kernel that the browser runs. */
export async function measureKernelsInPage(browser: Browser, bits: number, reps: number): Promise<PageKernel[]> {
  const { system, values } = networkLikeCircuit(bits);
  const key = new Uint8Array(Buffer.concat((await createDevelopmentKey(system)).zkey));
  const served = await serve(await pageFiles(key, encodeWtns(vectorOf(values))));
  try {
    const page = await browser.open(served.url);
    await page.evaluate(`new Promise((resolve) => {
      const look = () => (globalThis.bench === undefined ? setTimeout(look, 20) : resolve(true));
      look();
    })`);
    const times = new Map<string, number[]>();
    for (let run = 0; run <= reps; run++) {
      for (const kernel of KERNELS) {
        const ms = await page.evaluate(`bench.prove('${kernel}')`);
        // Absent where the browser does not run this build.
        if (typeof ms === 'number' && run > 0) times.set(kernel, [...(times.get(kernel) ?? []), ms]);
      }
    }
    const theirs = times.get('snarkjs') ?? [];
    return [...times].map(([kernel, proofMs]) => ({
      ...{ bits, kernel: kernel === 'snarkjs' ? kernel : `wasm-${kernel}`, proofMs },
      snarkjsRatio: proofMs.map((ms, i) => theirs[i] / ms).sort((x, y) => x - y)[reps >> 1],
    }));
  } finally {
    await served.close();
  }
}

type Files = ReadonlyMap<string, readonly [type: string, body: string | Uint8Array]>;

async function pageFiles(key: Uint8Array, witness: Uint8Array): Promise<Files> {
  const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [fromHere('web-kernels-page.js')],
    ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2022', write: false },
  });
  const snarkjs = join(dirname(createRequire(import.meta.url).resolve('snarkjs')), 'snarkjs.min.js');
  const wasm = (name: string) => readFileSync(fromHere(`../native/prebuilt/wasm32/vouch-${name}.wasm`));
  return new Map<string, readonly [string, string | Uint8Array]>([
    ['/', ['text/html', '<script src="/snarkjs.js"></script><script type="module" src="/page.js"></script>']],
    ['/snarkjs.js', ['text/javascript', readFileSync(snarkjs)]],
    ['/page.js', ['text/javascript', outputFiles[0].contents]],
    ['/fma.wasm', ['application/wasm', wasm('fma')]],
    ['/simd.wasm', ['application/wasm', wasm('simd')]],
    ['/key.zkey', ['application/octet-stream', key]],
    ['/witness.wtns', ['application/octet-stream', witness]],
  ]);
}

async function serve(files: Files): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(({ url = '' }, response) => {
    const [type, body] = files.get(url) ?? [];
    if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
