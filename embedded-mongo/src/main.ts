/** `npm run mongo`: arguments → settings → database → stop on a signal → ready line. */
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { startIdleCollection } from '@holdfast/shared/core/idle-memory.ts';
import { readConfig } from './config.ts';
import { announce, logAsJson, logInfo, printReady } from './core/log.ts';
import { startEmbeddedMongo } from './server.ts';

const PARENT_POLL_MS = 500;

const command = {
  name: 'npm run mongo',
  does: 'Runs the embedded database, for laptops and tests, until it is stopped; mongodb drivers connect to it.',
  options: {},
  example: 'MONGO_PORT=27018 MONGO_DATA_DIR=./data npm run mongo',
  notes:
    'Settings: MONGO_HOST (127.0.0.1), MONGO_PORT (27017, 0 is a free one), MONGO_DATA_DIR (./data), EXIT_WITH_PARENT (0), ' +
    'LOG_FORMAT (json makes every line JSON), ' +
    'MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD_FILE (none: it takes commands without a login).',
} satisfies Command;

readArguments(command, (args) => parseCommandLine(command, args), { announce, complain: logInfo });
logAsJson();
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
  // Last, because its reader can send a signal at once.
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
