/**
 * A real database for tests: `MONGO_URL` when it is set, else the embedded one in a temporary folder.
 *
 * Started once for a whole run; every test file takes a database name of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@holdfast/embedded-mongo/server.ts';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    mongoUrl: string;
  }
}

/** Starts the database before the first test and stops it after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.MONGO_URL;
  if (given !== undefined && given !== '') {
    project.provide('mongoUrl', given);
    return async () => undefined;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const server = await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataDir });
  project.provide('mongoUrl', server.url);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
