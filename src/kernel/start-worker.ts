import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const extension = extname(new URL(import.meta.url).pathname);

/** Runs a module beside this one in a thread. Run from the sources, it needs tsx, which must be registered inside it. */
export function startWorker(name: string, workerData: unknown): Worker {
  const url = new URL(`./${name}${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(url, { workerData });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx).href;
  const bootstrap = `import('${api}').then(({ register }) => { register(); return import('${url.href}'); });`;
  return new Worker(bootstrap, { workerData, eval: true });
}
