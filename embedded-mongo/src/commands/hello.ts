/** The handshake and the commands about the server itself. */
import { arch, cpus, hostname, release, type as systemType, totalmem } from 'node:os';
import { MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES } from '../bson/validate.ts';
import { CommandError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { Context, Reply } from './context.ts';
import type { Request } from './request.ts';
import { MAX_BATCH } from './write-result.ts';

/** The MongoDB version whose behaviour this server follows. */
export const FOLLOWED_VERSION = '7.0.0';
const MAX_WIRE_VERSION = 21;

/** `hello` and its old names: a standalone server, so drivers use neither transactions nor retryable writes. */
export function hello(request: Request, context: Context, client: Client): Reply {
  const isOld = request.name.toLowerCase() === 'ismaster';
  return {
    ...(isOld ? { ismaster: true } : { isWritablePrimary: true }),
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_BATCH,
    localTime: new Date(context.now()),
    logicalSessionTimeoutMinutes: 30,
    connectionId: client.id,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

/** `buildInfo`. */
export function buildInfo(): Reply {
  return {
    version: FOLLOWED_VERSION,
    gitVersion: 'none',
    modules: ['holdfast-embedded'],
    embedded: 'holdfast embedded-mongo: not MongoDB, a server for laptops and tests that speaks its protocol',
    versionArray: [7, 0, 0, 0],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    storageEngines: ['lmdb'],
    ok: 1,
  };
}

/** `ping`, `endSessions` and other commands whose reply is only `ok`. */
export function acknowledge(): Reply {
  return { ok: 1 };
}

/** `connectionStatus`, without users. */
export function connectionStatus(): Reply {
  return {
    authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
    ok: 1,
  };
}

/** `whatsmyuri`. */
export function whatsMyUri(_request: Request, _context: Context, client: Client): Reply {
  return { you: client.address, ok: 1 };
}

/** `getCmdLineOpts`. */
export function getCmdLineOpts(_request: Request, context: Context): Reply {
  return { argv: ['embedded-mongo'], parsed: { storage: { dbPath: context.dataDir } }, ok: 1 };
}

/** `getLog`: one warning for the shell. */
export function getLog(request: Request): Reply {
  const which = request.string('getLog');
  if (which === '*') return { names: ['global', 'startupWarnings'], ok: 1 };
  const warning =
    'This is the embedded database of Holdfast, for laptops and tests. Use MongoDB for everything else.';
  const log =
    which === 'startupWarnings'
      ? [
          JSON.stringify({
            t: { $date: new Date().toISOString() },
            s: 'W',
            c: 'CONTROL',
            id: 1,
            ctx: 'main',
            msg: warning,
          }),
        ]
      : [];
  return { totalLinesWritten: log.length, log, ok: 1 };
}

/** `getParameter`: only the two that clients need at the start. */
export function getParameter(request: Request): Reply {
  const known: Record<string, unknown> = {
    featureCompatibilityVersion: { version: '7.0' },
    authenticationMechanisms: [],
  };
  const wanted = Object.entries(known).filter(([name]) => request.fields.has(name));
  if (wanted.length === 0) throw new CommandError('InvalidOptions', 'no option found to get');
  return { ...Object.fromEntries(wanted), ok: 1 };
}

/** `hostInfo`. */
export function hostInfo(_request: Request, context: Context): Reply {
  return {
    system: {
      currentTime: new Date(context.now()),
      hostname: hostname(),
      cpuAddrSize: 64,
      memSizeMB: Math.round(totalmem() / 1048576),
      numCores: cpus().length,
      cpuArch: arch(),
      numaEnabled: false,
    },
    os: { type: systemType(), name: systemType(), version: release() },
    extra: {},
    ok: 1,
  };
}

/** `serverStatus`, with the available figures. */
export function serverStatus(_request: Request, context: Context): Reply {
  const uptime = (context.now() - context.startedAt) / 1000;
  const { rss, heapUsed } = process.memoryUsage();
  return {
    host: context.address(),
    version: FOLLOWED_VERSION,
    process: 'embedded-mongo',
    pid: process.pid,
    uptime,
    uptimeMillis: Math.round(uptime * 1000),
    localTime: new Date(context.now()),
    mem: { bits: 64, resident: Math.round(rss / 1048576), supported: true },
    heapUsedBytes: heapUsed,
    metrics: { cursor: { open: { total: context.cursors.size } }, heldBytes: context.memory.held },
    storageEngine: { name: 'lmdb', persistent: true },
    ok: 1,
  };
}
