import { defineConfig } from 'vitest/config';

/** The default run stays short; `npm run test:soundness` and its like run these too. */
const heavy = ['test/**/*.heavy.test.ts'];
const exclude = process.env.VOUCH_HEAVY === undefined ? heavy : [];

/** Servers, processes and clocks: what a loaded machine may disturb. CI tries these twice, and the report shows it. */
const timed = ['backend', 'client', 'contracts', 'evm', 'pool', 'web'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'exact', include: ['test/**/*.test.ts'], exclude: [...exclude, ...timed] },
      },
      {
        extends: true,
        test: { name: 'timed', include: timed, exclude, retry: process.env.CI === undefined ? 0 : 1 },
      },
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
