/** `npm run mongo`: settings → database → stop on a signal → ready line. */
import { startIdleCollection } from '@holdfast/shared/core/idle-memory.ts';
import { readConfig } from './config.ts';
import { logInfo, printReady } from './core/log.ts';
import { startEmbeddedMongo } from './server.ts';

const PARENT_POLL_MS = 500;

try {
  const config = readConfig();
  const database = await startEmbeddedMongo(config);
  const stop = async (reason: string) => {
    logInfo(`stopping (${reason})`);
    await database.stop();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
  if (config.exitWithParent) watchParent(() => void stop('the parent process is gone'));
  startIdleCollection();
  // Last, because whoever reads it may send a signal at once.
  printReady(database.url);
  logInfo(
    'this is the embedded database, for laptops and tests; use MongoDB for everything that leaves one machine',
  );
} catch (error) {
  logInfo(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_POLL_MS);
}
