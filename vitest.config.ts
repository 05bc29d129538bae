import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test; what is real grows from the first to the last. The times only end what hangs: each is
 * many times what its slowest test takes on a machine that is busy with something else.
 */
const kinds = {
  unit: { include: ['{*,examples/*}/test/unit/**/*.test.ts'], testTimeout: 30_000 },
  contract: {
    include: ['*/test/contract/**/*.test.ts'],
    testTimeout: 60_000,
    globalSetup: ['shared/test/support/database.ts'],
  },
  component: {
    include: ['{*,examples/*}/test/component/**/*.test.ts', '*/test/regressions/**/*.test.ts'],
    testTimeout: 60_000,
    globalSetup: ['shared/test/support/database.ts'],
  },
  hostile: {
    include: ['*/test/hostile/**/*.test.ts'],
    testTimeout: 60_000,
    globalSetup: ['shared/test/support/database.ts'],
  },
  simulation: { include: ['*/test/simulation/**/*.test.ts'], testTimeout: 120_000 },
  chaos: { include: ['*/test/chaos/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
  browser: {
    include: ['lab/test/browser/**/*.test.ts'],
    testTimeout: 45_000,
    hookTimeout: 60_000,
  },
  e2e: { include: ['e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
};

/** Node's compile cache: a process that a test starts needs half as much of the processor until it is ready. */
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/holdfast', import.meta.url)) };

/** Kinds whose files run one after another, because each starts processes of its own. */
const usesProcesses = new Set(['e2e', 'chaos', 'browser']);

export default defineConfig({
  test: {
    // Most tests wait more than they compute: one worker on two cores would leave both idle half of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: Object.entries(kinds).map(([name, kind]) => ({
      test: {
        name,
        env,
        hookTimeout: 60_000,
        // As long as `until` waits; the default of a second is none on a busy machine.
        expect: { poll: { timeout: 20_000, interval: 20 } },
        ...kind,
        ...(usesProcesses.has(name) ? { fileParallelism: false } : {}),
      },
    })),
  },
});
