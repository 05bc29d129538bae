import { defineConfig } from 'vitest/config';

/** One project per kind of test; what is real grows from the first to the last. */
const kinds = {
  unit: { include: ['*/test/unit/**/*.test.ts'], testTimeout: 5_000 },
  contract: { include: ['*/test/contract/**/*.test.ts'], testTimeout: 30_000 },
  component: {
    include: ['*/test/component/**/*.test.ts', '*/test/regressions/**/*.test.ts'],
    testTimeout: 15_000,
    globalSetup: ['shared/test/support/database.ts'],
  },
  e2e: { include: ['e2e/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
};

export default defineConfig({
  test: {
    projects: Object.entries(kinds).map(([name, kind]) => ({
      test: { name, hookTimeout: 30_000, ...kind, ...(name === 'e2e' ? { fileParallelism: false } : {}) },
    })),
  },
});
