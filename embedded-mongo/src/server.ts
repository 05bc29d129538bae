/**
 * Starts and stops the embedded database: folder → store → port. Tests and `main.ts` use the same function.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Context, Credentials } from './commands/context.ts';
import { Cursors } from './commands/cursors.ts';
import { endless } from './commands/time-limit.ts';
import { Catalog } from './store/catalog.ts';
import { type FolderLock, FolderTakenError, lockFolder } from './store/folder-lock.ts';
import { Memory } from './store/memory.ts';
import { Storage } from './store/storage.ts';
import { expireDocuments } from './ttl.ts';
import { type Connection, serveConnection } from './wire/connection.ts';
import { MAX_CONNECTIONS, Traffic, type TrafficOptions } from './wire/traffic.ts';

/** Where to listen and where to keep the data. */
export interface EmbeddedMongoOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  readonly dataDir: string;
  /** What a message calls the setting of the folder. @default 'MONGO_DATA_DIR' */
  readonly dataDirSetting?: string;
  /** Required credentials. @default everybody */
  readonly credentials?: Credentials | undefined;
  /** Milliseconds since 1970; for tests. @default Date.now */
  readonly now?: () => number;
  /** Other limits of bytes in flight; for tests. */
  readonly traffic?: TrafficOptions;
}

/** A running database. */
export interface EmbeddedMongo {
  /** The connection string, without a database name. */
  readonly url: string;
  /** Removes expired documents of TTL indexes and drops idle cursors; runs every minute. */
  sweep(): Promise<void>;
  /** Finishes the commands in flight, then closes connections and files. */
  stop(): Promise<void>;
}

/** The database cannot start; the message is one sentence. */
export class StartError extends Error {}

/** The interval of the TTL check, as in MongoDB. */
const SWEEP_MS = 60_000;
/** How long stopping waits for commands in flight. */
const STOP_MS = 5_000;

const openFolders = new Set<string>();

/**
 * Opens the folder and listens.
 *
 * @throws {StartError} when the folder cannot be used or belongs to another process, or the port is taken.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { host = '127.0.0.1', port = 0, now = Date.now } = options;
  const dataDir = resolve(options.dataDir);
  const { storage, lock } = openStorage(dataDir, options.dataDirSetting);
  const connections = new Set<Connection>();
  const memory = new Memory();
  const traffic = new Traffic(options.traffic);
  let url = '';
  const context: Context = {
    storage,
    catalog: new Catalog(storage),
    cursors: new Cursors(now, memory),
    now,
    startedAt: now(),
    dataDir,
    credentials: options.credentials,
    address: () => url.slice('mongodb://'.length),
    checkTime: endless.check,
    time: endless,
    memory,
  };
  const server = createServer((socket) => {
    const connection = serveConnection(socket, context, traffic, () => connections.delete(connection));
    connections.add(connection);
  });
  const release = async () => {
    await storage.close();
    lock.release();
    openFolders.delete(dataDir);
  };
  server.maxConnections = MAX_CONNECTIONS;
  const listening = await listen(server, host, port).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  url = `mongodb://${host.includes(':') ? `[${host}]` : host}:${listening}`;

  const sweep = async () => {
    context.cursors.killIdle();
    await expireDocuments(context);
  };
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  timer.unref();
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(timer);
    const closed = new Promise<void>((done) => server.close(() => done()));
    for (const connection of connections) connection.close();
    context.cursors.killAll();
    await Promise.race([closed, new Promise((done) => setTimeout(done, STOP_MS).unref())]);
    for (const connection of connections) connection.destroy();
    await release();
  };
  return {
    url,
    sweep,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Opens the folder under its lock, since opening changes it. */
function openStorage(dataDir: string, setting = 'MONGO_DATA_DIR'): { storage: Storage; lock: FolderLock } {
  if (openFolders.has(dataDir))
    throw new StartError(`The data folder ${dataDir} is in use by this process already.`);
  let lock: FolderLock | undefined;
  try {
    makeFolder(dataDir);
    lock = lockFolder(dataDir);
    const storage = new Storage(dataDir);
    openFolders.add(dataDir);
    return { storage, lock };
  } catch (cause) {
    lock?.release();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      cause instanceof FolderTakenError
        ? `The data folder ${dataDir} is in use by ${cause.holder}; stop it or set ${setting}.`
        : `The data folder ${dataDir} cannot be used: ${reason}.`,
      { cause },
    );
  }
}

/** Makes missing folders one by one: Node's recursive mkdir never returns where a folder cannot be created (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = `Port ${port} on ${host} is in use; stop the other program or set MONGO_PORT.`;
      fail(
        new StartError(
          cause.code === 'EADDRINUSE' ? inUse : `Cannot listen on ${host}:${port}: ${cause.message}.`,
          { cause },
        ),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      done(typeof address === 'object' && address ? address.port : port);
    });
  });
}
