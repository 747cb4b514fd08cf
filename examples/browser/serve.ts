// npx tsx examples/browser/serve.ts <compiled model> [--port 8080] [--not-isolated]: the page and what it needs.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

export interface PageOptions {
  /** The directory of a compiled model with keys. */
  readonly model: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Sends the headers that let a page share memory between threads. */
  readonly isolated: boolean;
}

export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** The page's script and the workers', each in one file. */
export async function bundlePage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: { page: fromHere('page.js'), worker: fromHere('../../src/web/worker.ts') },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    outdir: '/',
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

/** Serves the page at `/`, the kernels at `/kernels/` and the model at `/model/`. */
export async function servePage({ model, port = 0, isolated }: PageOptions): Promise<ServedPage> {
  const scripts = await bundlePage();
  const folders: Readonly<Record<string, string>> = {
    kernels: fromHere('../../native/prebuilt/wasm32'),
    model,
  };
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    response.setHeader('Content-Type', types[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream');
    const script = scripts.get(path);
    const [, folder, name] = path.match(/^\/(kernels|model)\/([\w.-]+)$/) ?? [];
    if (script !== undefined) response.end(script);
    else if (path === '/') sendFile(response, fromHere('index.html'));
    else if (folder === undefined) response.writeHead(404).end();
    else sendFile(response, join(folders[folder], name));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
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

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  try {
    const { size } = await stat(path);
    response.setHeader('Content-Length', size);
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response);
  } catch {
    response.writeHead(404).end();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '8080' }, 'not-isolated': { type: 'boolean', default: false } },
  });
  const [model] = positionals;
  if (model === undefined) throw new Error('say which compiled model: npx tsx examples/browser/serve.ts model.vouch');
  const { url } = await servePage({ model, port: Number(values.port), isolated: !values['not-isolated'] });
  process.stdout.write(`${url}\n`);
}
