/**
 * How a service lives: listens, becomes ready, and on SIGTERM leaves without dropping a request.
 *
 * Several sockets listen on one port where the system can: of each, one connection is taken in a turn of the event loop.
 *
 * The steps of leaving: unready → wait until balancers have noticed → take no new connection → finish what is under
 * way → close the rest. Whoever meets the closed door gets a refusal and comes again; nothing is cut off half-way.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createListener, type Server as Listener } from 'node:net';
import { toReachableUrl } from '../core/http-url.ts';
import { answerParserErrors } from './transfer-coding.ts';

/** Where and how to listen. */
export interface ListenSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Who says what is wrong with a request that is none. */
  readonly service?: string;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Stops taking connections and waits for the requests under way, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** The address cannot be listened on; the message says why and how to choose another. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Most bytes of a request line with its headers; what a hop sends is bounded far below (propagated-headers.ts). */
export const maxHeaderBytes = 16_384;

/** How long a request may take to come, and a connection to say anything; the body alone has less (body-timeouts.ts). */
const patience = { headersTimeout: 5000, requestTimeout: 8000, connectionsCheckingInterval: 1000 } as const;

/** Connections that wait to be taken, of each listener: a handshake that is dropped is tried again after a second. */
const backlog = 4096;
const shares = process.platform === 'linux';
const listeners = 4;

/** Longer than any proxy keeps an idle connection, so that the proxy closes first and never meets a closed socket. */
const keepAliveMs = 65_000;

/**
 * Listens.
 * @throws {ListenError} when the port is taken or may not be used.
 */
export async function listen(
  { host, port, service }: ListenSettings,
  handler: RequestListener,
): Promise<Listening> {
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      ...patience,
      maxHeaderSize: maxHeaderBytes,
    },
    handler,
  );
  answerParserErrors(server, service);
  const others: Listener[] = [];
  try {
    // Whoever shares a port would not notice that it is another program's.
    if (shares && port !== 0) await probe(host, port);
    await take(server, { host, port, reusePort: shares });
    const { port: taken } = server.address() as AddressInfo;
    while (shares && others.length < listeners - 1) {
      const other = createListener({ allowHalfOpen: true, noDelay: true }, (socket) =>
        server.emit('connection', socket),
      );
      await take(other, { host, port: taken, reusePort: true });
      others.push(other);
    }
    return {
      url: toReachableUrl(host, taken),
      port: taken,
      close: (graceMs) => close(server, others, graceMs),
    };
  } catch (error) {
    for (const listener of [server, ...others]) listener.close();
    throw toListenError(error as NodeJS.ErrnoException, host, port);
  }
}

/** Listens and leaves again: fails when somebody listens there, whether or not they share. */
async function probe(host: string, port: number): Promise<void> {
  const listener = createListener();
  await take(listener, { host, port, reusePort: false });
  await new Promise((resolve) => listener.close(resolve));
}

async function take(
  listener: Listener,
  where: { host: string; port: number; reusePort: boolean },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ ...where, backlog }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

/** Calls `stop` once, at the first SIGTERM or SIGINT, or when the parent is gone and `withParent` is set. */
export function onStopSignal(stop: (why: string) => void, { withParent }: { withParent: boolean }): void {
  let called = false;
  const once = (why: string) => {
    if (called) return;
    called = true;
    clearInterval(watch);
    stop(why);
  };
  const parent = process.ppid;
  const watch = withParent
    ? setInterval(() => process.ppid !== parent && once('its parent process is gone'), 500).unref()
    : undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => once(signal));
}

async function close(server: Server, others: readonly Listener[], graceMs: number): Promise<void> {
  const closed = Promise.all(
    [server, ...others].map((one) => new Promise<void>((resolve) => one.close(() => resolve()))),
  );
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function toListenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
  return new ListenError(`Port ${port} on ${host} cannot be used: ${why}. Choose another with PORT.`, {
    cause: error,
  });
}
