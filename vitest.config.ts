import { defineConfig } from 'vitest/config';

/** The default run stays short; `npm run test:soundness` and its like run these too. */
const heavy = ['test/**/*.heavy.test.ts'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.VOUCH_HEAVY === undefined ? heavy : [],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
