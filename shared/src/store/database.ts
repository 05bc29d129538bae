/**
 * The connection to MongoDB: the only place that connects, and the bound on how long anybody waits for it.
 *
 * The driver's own time-outs do not bound a server that hangs (a stopped process still accepts connections), so
 * every operation is also raced against a clock. A write that lost the race may still arrive: its fate is unknown.
 */
import { type Connection, createConnection, set } from 'mongoose';
import { isKnownError, StoreUnavailableError } from '../core/errors.ts';
import { withoutCredentials } from '../core/redact.ts';
import { isDefinite } from './mongo-fault.ts';

/** How long anybody waits, in milliseconds. */
export interface Patience {
  /** For one operation. */
  readonly operationMs: number;
  /** For one step of the driver: to connect, to find a server, to get a connection, to read. */
  readonly stepMs: number;
  /**
   * What the server may spend on one operation (`maxTimeMS`): shorter than anybody waits for it here, so that what is
   * given up here ends there too. Only the building of an index may take longer.
   */
  readonly serverMs: number;
}

/** With the service's own work an answer takes less than 1.5 s. */
export const usualPatience: Patience = { operationMs: 1200, stepMs: 1000, serverMs: 1000 };

/** A database that may come and go. */
export interface Database {
  readonly connection: Connection;
  readonly patience: Patience;
  /**
   * Runs one operation within `patience.operationMs`.
   *
   * `saved` says what is known after a failure: `false` for a read, `null` (unknown) for a write. The signal fires when
   * nobody waits any more: what has not been sent by then need not be.
   * @throws {StoreUnavailableError} when the operation takes too long, or fails so that it may or may not be done.
   * @throws the database's own error when it certainly was not done and would fail again.
   */
  bounded<T>(saved: false | null, operation: (givenUp: AbortSignal) => Promise<T>): Promise<T>;
  /** Connects, and keeps trying until it succeeds or `close` is called; `onWait` hears of the first failure. */
  connect(onWait: (reason: string) => void): Promise<void>;
  /** @throws {StoreUnavailableError} when the database does not answer a ping in time. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Prepares the database behind `url`, named in its path, else `holdfast`. Nothing is sent before `connect`.
 *
 * For tests, `monitorCommands` makes the driver tell what it sends, and `patience` waits for a busy machine.
 */
export function createDatabase(
  url: string,
  { monitorCommands = false, patience = usualPatience }: DatabaseOptions = {},
): Database {
  set('sanitizeFilter', true);
  set('strictQuery', 'throw');
  const connection = createConnection();
  let closed = false;

  return {
    connection,
    patience,
    bounded,
    async connect(onWait) {
      for (let attempt = 1; !closed; attempt += 1) {
        try {
          await connection.openUri(url, { ...options(url, patience.stepMs), monitorCommands });
          return;
        } catch (error) {
          if (isBadUrl(error)) throw new TypeError(`MONGO_URL cannot be used: ${toOutageReason(error, url)}`);
          if (attempt === 1) onWait(toOutageReason(error, url));
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      }
    },
    ping: () =>
      bounded(false, async () => {
        if (connection.db === undefined) throw new Error('not connected');
        await connection.db.command({ ping: 1, maxTimeMS: patience.serverMs });
      }),
    async close() {
      closed = true;
      await connection.close(true);
    },
  };

  async function bounded<T>(
    saved: false | null,
    operation: (givenUp: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { operationMs } = patience;
    const trip = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`no answer within ${operationMs} ms`);
        reject(error);
        trip.abort(error);
      }, operationMs);
    });
    try {
      return await Promise.race([operation(trip.signal), timeout]);
    } catch (error) {
      if (isKnownError(error) || isDefinite(error)) throw error;
      throw new StoreUnavailableError('The database is away.', {
        saved,
        why: toOutageReason(error),
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A connection that a burst needed is closed when it was idle for so long. */
const idleMs = 30_000;

interface DatabaseOptions {
  readonly monitorCommands?: boolean;
  readonly patience?: Patience | undefined;
}

function options(url: string, stepMs: number) {
  const named = /^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(url);
  return {
    ...(named ? {} : { dbName: 'holdfast' }),
    appName: 'holdfast',
    bufferCommands: false,
    autoIndex: false,
    maxPoolSize: 32,
    maxIdleTimeMS: idleMs,
    serverSelectionTimeoutMS: stepMs,
    connectTimeoutMS: stepMs,
    socketTimeoutMS: stepMs,
    waitQueueTimeoutMS: stepMs,
    heartbeatFrequencyMS: 500,
    serverMonitoringMode: 'poll',
    retryReads: false,
    retryWrites: false,
  } as const;
}

/** What a driver says may quote the URL that it was given, as it is. */
function toOutageReason(error: unknown, url?: string): string {
  const words = error instanceof Error ? error.message : String(error);
  return withoutCredentials(url === undefined ? words : words.replaceAll(url, 'the URL'));
}

function isBadUrl(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['MongoParseError', 'MongoInvalidArgumentError', 'MongoAPIError'].includes(error.name)
  );
}
