/**
 * The tests that mutants are put before: units first, then the real database, random histories, and the app with real
 * local neighbours. The first failure ends a run, so the slow ones see only what the fast ones did not notice.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { aboutCore } from './scripts/mutate/core.ts';

const root = fileURLToPath(new URL('./', import.meta.url));
const database = ['shared/test/support/database.ts'];

const kinds = [
  { name: 'unit', include: ['shared/test/unit/**/*.test.ts'], testTimeout: 5_000 },
  { name: 'contract', include: ['shared/test/contract/**/*.test.ts'], globalSetup: database },
  { name: 'histories', include: ['scripts/test/mutate/*.test.ts'] },
  { name: 'parts', include: ['shared/test/component/http-client.test.ts'] },
  { name: 'component', include: aboutCore, globalSetup: database },
];

/** `npm run mutate -- --tests unit` wants some kinds only. */
const wanted = process.env.MUTATE_TESTS?.split(',') ?? kinds.map(({ name }) => name);

export default defineConfig({
  root,
  // Workspaces are links in node_modules, which lead out of the copy that is mutated and back to the original.
  resolve: { alias: [{ find: /^@holdfast\/([\w-]+)\/(.*)$/, replacement: `${root}$1/src/$2` }] },
  test: {
    // From 1 on: a single worker takes group 0 for "no group", and runs it last.
    projects: kinds
      .filter(({ name }) => wanted.includes(name))
      .map((kind, index) => ({
        extends: true as const,
        test: { testTimeout: 10_000, ...kind, sequence: { groupOrder: index + 1 }, hookTimeout: 30_000 },
      })),
  },
});
