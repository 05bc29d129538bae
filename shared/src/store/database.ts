/**
 * The connection to MongoDB, and the time limit of every operation. The only place that connects.
 *
 * The driver's own time-outs do not cover a server that hangs (a stopped process still accepts connections), so every
 * operation also has a timer. Whether a write is done after its time-out is unknown.
 */
import { type Connection, createConnection, set } from 'mongoose';
import { isKnownError, StoreUnavailableError } from '../core/errors.ts';
import { withoutCredentials } from '../core/redact.ts';
import type { GivenUp } from './group-commit.ts';
import { isDefinite } from './mongo-fault.ts';

/** Time limits in milliseconds. */
export interface TimeLimits {
  /** For one operation. */
  readonly operationMs: number;
  /** For one step of the driver: connecting, selecting a server, getting a connection, reading. */
  readonly stepMs: number;
  /**
   * For one operation within the server (`maxTimeMS`): shorter than `operationMs`, so that an operation that is given up
   * here ends there too. Only building an index may take longer.
   */
  readonly serverMs: number;
}

/** The default: with the service's own work an answer takes less than 1.5 s. */
export const defaultTimeLimits: TimeLimits = { operationMs: 1200, stepMs: 1000, serverMs: 1000 };

/** A database that may be away. */
export interface Database {
  readonly connection: Connection;
  readonly timeLimits: TimeLimits;
  /**
   * Runs one operation within `timeLimits.operationMs`.
   *
   * `saved` is what is known after a failure: `false` for a read, `null` (unknown) for a write. `givenUp` says when the
   * time is over: what has not been sent by then need not be.
   * @throws {StoreUnavailableError} when the operation takes too long, or fails and may or may not be done.
   * @throws the database's own error when it was certainly not done and would fail again.
   */
  bounded<T>(saved: false | null, operation: (givenUp: GivenUp) => Promise<T>): Promise<T>;
  /** Connects, and keeps trying until it succeeds or `close` is called; `onWait` is called with the first failure. */
  connect(onWait: (reason: string) => void): Promise<void>;
  /** @throws {StoreUnavailableError} when the database does not answer a ping in time. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Prepares the database behind `url`, named in its path, else `holdfast`. Nothing is sent before `connect`.
 *
 * For tests, `monitorCommands` makes the driver emit the commands that it sends, and `timeLimits` suits a busy machine.
 */
export function createDatabase(
  url: string,
  { monitorCommands = false, timeLimits = defaultTimeLimits }: DatabaseOptions = {},
): Database {
  set('sanitizeFilter', true);
  set('strictQuery', 'throw');
  const connection = createConnection();
  let closed = false;

  return {
    connection,
    timeLimits,
    bounded,
    async connect(onWait) {
      for (let attempt = 1; !closed; attempt += 1) {
        try {
          await connection.openUri(url, { ...options(url, timeLimits.stepMs), monitorCommands });
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
        await connection.db.command({ ping: 1, maxTimeMS: timeLimits.serverMs });
      }),
    async close() {
      closed = true;
      await connection.close(true);
    },
  };

  async function bounded<T>(saved: false | null, operation: (givenUp: GivenUp) => Promise<T>): Promise<T> {
    const { operationMs } = timeLimits;
    const givenUp: { -readonly [K in keyof GivenUp]: GivenUp[K] } = { aborted: false };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => {
          const error = new Error(`no answer within ${operationMs} ms`);
          givenUp.aborted = true;
          givenUp.reason = error;
          reject(error);
        }, operationMs);
        operation(givenUp).then(resolve, reject);
      });
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

/** Milliseconds after which an idle connection is closed. */
const idleMs = 30_000;

interface DatabaseOptions {
  readonly monitorCommands?: boolean;
  readonly timeLimits?: TimeLimits | undefined;
}

function options(url: string, stepMs: number) {
  const hasName = /^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(url);
  return {
    ...(hasName ? {} : { dbName: 'holdfast' }),
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

/** The message of an error without credentials; a driver may quote the URL that it was given. */
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
