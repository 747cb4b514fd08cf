import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedPage, servePage } from '../../examples/browser/serve.ts';
import { loadWasmCode } from '../../src/kernel/wasm.ts';
import { checkProof } from '../../src/verify/check-proof.ts';
import { decodeProofFile } from '../../src/verify/proof-file.ts';
import { type SmallModel, writeSmallModel } from '../pool/small-model.ts';
import { type Browser, findChromium, type Page, startChromium } from './chromium.ts';

const executable = findChromium();
const reason = executable === undefined ? '(skipped: no chromium is installed; apt-get install chromium)' : '';

/** What the example's `vouch.prove` tells. */
interface PageResult {
  readonly valid: boolean;
  readonly kernel: string;
  readonly threads: number;
  readonly isolated: boolean;
  readonly proof: string;
}

const READY = `new Promise((resolve, reject) => {
  const look = () => {
    const state = document.getElementById('state')?.textContent;
    if (globalThis.vouch !== undefined) resolve(state);
    else if (document.readyState === 'complete' && state?.includes(' could ')) reject(new Error(state));
    else setTimeout(look, 20);
  };
  look();
})`;
/** The library's text of a proof; bigints cannot cross the protocol. */
const PROVE = `vouch.prove(new Map([['x', Float64Array.of(0.5, -0.25, 0.125)]])).then(({ proof, ...rest }) =>
  ({ ...rest, proof: vouch.encodeProofFile(proof) }))`;

describe.skipIf(executable === undefined)(`the example in Chromium ${reason}`, () => {
  let browser: Browser;
  let folder: string;
  let model: SmallModel;
  const pages: ServedPage[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-web-'));
    model = await writeSmallModel(folder, { inputs: new Map([['x', 'hashed']]) });
    browser = await startChromium(executable ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    for (const page of pages) await page.close();
    await rm(folder, { recursive: true });
  });

  async function open(isolated: boolean): Promise<Page> {
    const served = await servePage({ model: model.path, isolated });
    pages.push(served);
    const page = await browser.open(served.url);
    expect(await page.evaluate(READY)).toBe('ready');
    return page;
  }

  test.each([true, false])('proves and verifies; cross-origin isolated: %s', async (isolated) => {
    const page = await open(isolated);
    const result = (await page.evaluate(PROVE)) as PageResult;
    expect(result).toMatchObject({ valid: true, isolated });
    expect(result.kernel).toBe('code' in loadWasmCode('fma') ? 'wasm-fma' : 'wasm-simd');
    expect(result.threads > 1).toBe(isolated && availableParallelism() > 1);
    expect(checkProof(decodeProofFile(result.proof), model.file).valid).toBe(true);
    expect(page.complaints).toEqual([]);
  });

  test('a cancelled proof rejects with the reason, and the next one is made', async () => {
    const page = await open(true);
    const cancelled = `vouch.prove(new Map([['x', new Float64Array(3)]]), AbortSignal.abort(new Error('enough')))
      .then(() => 'made', (error) => error.message)`;
    expect(await page.evaluate(cancelled)).toBe('enough');
    expect(await page.evaluate(PROVE)).toMatchObject({ valid: true });
  });

  test('an input that the model does not have is named', async () => {
    const page = await open(false);
    await expect(page.evaluate(`vouch.prove(new Map([['y', new Float64Array(3)]]))`)).rejects.toThrow('x');
    expect(await page.evaluate(PROVE)).toMatchObject({ valid: true });
  });

  test('the page answers while it proves', async () => {
    const page = await open(false);
    const longestPause = `(async () => {
      let [last, longest, stopped] = [performance.now(), 0, false];
      const tick = () => {
        const now = performance.now();
        [longest, last] = [Math.max(longest, now - last), now];
        if (!stopped) setTimeout(tick, 0);
      };
      tick();
      const began = performance.now();
      for (let i = 0; i < 5; i++) await vouch.prover.prove(new Map([['x', new Float64Array(3)]]));
      stopped = true;
      return { longest, proving: performance.now() - began };
    })()`;
    const { longest, proving } = (await page.evaluate(longestPause)) as { longest: number; proving: number };
    expect(longest).toBeLessThan(proving / 2);
  });
});
