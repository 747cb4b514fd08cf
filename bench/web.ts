// npm run bench -- --web: proofs in headless Chromium. LeNet-5 from sample to verified proof, cross-origin isolated with
// threads and not isolated with one; and the kernels beside snarkjs in one page, in turn.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { servePage } from '../examples/browser/serve.ts';
import { formatNumber, renderTable } from '../src/cli/table.ts';
import { compile } from '../src/pipeline/pipeline.ts';
import { readSamples } from '../src/pipeline/samples.ts';
import { setup } from '../src/pipeline/setup.ts';
import { openModel, writeKeys, writeModel } from '../src/store/directory.ts';
import { withTemporaryFolder } from '../src/temporary.ts';
import { type Browser, findChromium, type Page, startChromium } from '../test/web/chromium.ts';
import { currentLoad, describeCommit, describeMachine, machineName } from './machine.ts';
import { compileOptions } from './model-folder.ts';
import type { BenchResult } from './result.ts';
import { measureKernelsInPage, type PageKernel } from './web-kernels.ts';

/** One page's proofs, in milliseconds of wall time. */
interface PageProofs {
  readonly isolated: boolean;
  readonly threads: number;
  readonly kernel: string;
  /** Fetching model and key, and preparing them. */
  readonly openMs: number;
  /** Whole proofs, verified, after one that is not counted. */
  readonly proofMs: readonly number[];
  /** The same proofs from the kernel's first step to its last. */
  readonly kernelMs: readonly number[];
}

/** What a run found: the file that is kept. */
interface WebBenchResult extends Pick<BenchResult, 'date' | 'machine' | 'commit'> {
  readonly format: 'vouch-bench-web-1';
  readonly browser: string;
  readonly model: string;
  readonly pages: readonly PageProofs[];
  readonly kernels: readonly PageKernel[];
}

export interface WebBenchOptions {
  readonly model: string;
  /** The folder of the models. */
  readonly folder: string;
  readonly reps: number;
  /** Binary logarithms of the domains on which kernels are compared. */
  readonly sizes: readonly number[];
  /** The folder in which the numbers are kept. */
  readonly results: string;
}

/** Measures proofs in pages, prints tables and keeps the numbers. */
export async function benchWeb({ model, folder, reps, sizes, results }: WebBenchOptions): Promise<void> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('no chromium is installed; apt-get install chromium');
  const date = new Date().toISOString();
  const loadBefore = currentLoad();
  const browser = await startChromium(executable);
  try {
    const pages = await measurePages(browser, join(folder, model), reps);
    const kernels: PageKernel[] = [];
    for (const bits of sizes) kernels.push(...(await measureKernelsInPage(browser, bits, reps)));
    const machine = describeMachine(loadBefore);
    const result: WebBenchResult = {
      format: 'vouch-bench-web-1',
      ...{ date, machine, commit: describeCommit(), browser: browser.version, model, pages, kernels },
    };
    process.stdout.write(`${render(result)}\n`);
    mkdirSync(results, { recursive: true });
    const path = join(results, `web-${date.slice(0, 10)}-${machineName(machine)}.json`);
    writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
    process.stdout.write(`wrote ${path}\n`);
  } finally {
    await browser.close();
  }
}

/** Proofs of one model in two pages, in turn, so that what else the machine does meets both. */
function measurePages(browser: Browser, model: string, reps: number): Promise<PageProofs[]> {
  return withTemporaryFolder(async (folder) => {
    const directory = join(folder, 'model.vouch');
    const compiled = await compile(join(model, 'model.onnx'), compileOptions(model));
    await writeModel(directory, compiled, compiled.report);
    const opened = await openModel(directory);
    const { zkey, file } = await setup(opened, { selfTest: 'skip' });
    await writeKeys(opened, zkey, file);
    const [sample] = await readSamples(opened, join(model, 'input.json'));
    const inputs = JSON.stringify([...sample].map(([name, values]) => [name, [...values]]));

    const pages: { readonly page: Page; readonly opened: Opened; readonly close: () => Promise<void> }[] = [];
    const proofs: { total: number; kernel: number }[][] = [[], []];
    try {
      for (const isolated of [true, false]) {
        const served = await servePage({ model: directory, isolated });
        const page = await browser.open(served.url);
        pages.push({ page, opened: asOpened(await page.evaluate(openedIn(inputs))), close: served.close });
      }
      for (let run = 0; run <= reps; run++) {
        for (const [i, { page }] of pages.entries()) {
          const proof = asTimes(await page.evaluate(PROVE));
          if (run > 0) proofs[i].push(proof);
        }
      }
    } finally {
      for (const { close } of pages) await close();
    }
    return pages.map(({ opened: page }, i) => ({
      ...page,
      proofMs: proofs[i].map(({ total }) => total),
      kernelMs: proofs[i].map(({ kernel }) => kernel),
    }));
  });
}

type Opened = Omit<PageProofs, 'proofMs' | 'kernelMs'>;

/** Waits for the example, leaves it the sample, and tells what it runs on. */
const openedIn = (inputs: string): string => `new Promise((resolve, reject) => {
  const look = () => {
    const { vouch } = globalThis;
    if (vouch === undefined) return setTimeout(look, 20);
    vouch.sample = new Map(${inputs}.map(([name, values]) => [name, Float64Array.from(values)]));
    const { kernel, threads } = vouch.prover;
    resolve({ isolated: crossOriginIsolated, threads, kernel, openMs: vouch.openMs });
  };
  look();
})`;

const PROVE = `(async () => {
  const at = {};
  const began = performance.now();
  const onProgress = (stage) => { at[stage] ??= performance.now(); };
  await vouch.prover.prove(vouch.sample, { onProgress });
  return { total: performance.now() - began, kernel: at.verify - at.prove };
})()`;

// What the expressions above give.
const asOpened = (value: unknown): Opened => value as Opened;
const asTimes = (value: unknown) => value as { total: number; kernel: number };

function render({ machine, browser, model, pages, kernels }: WebBenchResult): string {
  const pageRows = pages.map(({ isolated, threads, kernel, openMs, proofMs, kernelMs }) => [
    ...[isolated ? 'yes' : 'no', String(threads), kernel],
    ...[openMs, median(proofMs), Math.min(...proofMs), median(kernelMs)].map((ms) => formatNumber(Math.round(ms))),
  ]);
  const kernelRows = kernels.map(({ bits, kernel, proofMs, snarkjsRatio }) => [
    ...[`2^${bits}`, kernel, ...[median(proofMs), Math.min(...proofMs)].map((ms) => formatNumber(Math.round(ms)))],
    `${snarkjsRatio.toFixed(2)}x`,
  ]);
  const [one, many] = [1, 0].map((i) => median(pages[i].proofMs));
  return [
    `${machine.cpu}, ${availableParallelism()} cores, ${browser}, load ${machine.load[0]} before and ${machine.load[1]} after`,
    `\n${model}, from sample to verified proof`,
    renderTable(['isolated', 'threads', 'kernel', 'open ms', 'proof ms', 'fastest', 'in the kernel'], pageRows),
    `${pages[0].threads} threads: ${(one / many).toFixed(2)} times as fast as one`,
    '\nthe kernel alone, one thread',
    renderTable(['domain', 'kernel', 'proof ms', 'fastest', 'snarkjs /'], kernelRows),
  ].join('\n');
}

/** The middle of numbers in any order. */
export function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1];
}
