/**
 * Listens, and stops on SIGTERM without dropping a request.
 *
 * Where the system allows it several sockets listen on one port, because each accepts one connection per turn of the
 * event loop.
 *
 * Stopping: unready → wait until balancers have noticed → accept no connection → finish the requests under way → close
 * the rest. A client that connects too late is refused and tries again; no request is cut off.
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
  /** The service named in answers to malformed requests. */
  readonly service?: string;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Stops accepting connections and waits for the requests under way, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** The address cannot be used; the message says why and how to choose another. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Most bytes of a request line with its headers; hops send far fewer (propagated-headers.ts). */
export const maxHeaderBytes = 16_384;

/** How long headers and a whole request may take to arrive; the body alone has less (body-timeouts.ts). */
const timeouts = { headersTimeout: 5000, requestTimeout: 8000, connectionsCheckingInterval: 1000 } as const;

const shares = process.platform === 'linux';
/**
 * Connections that are accepted in one turn of the loop. A busy turn takes milliseconds, so a burst of connections waits long
 * with few; with many, a flood of new ones takes the time of the work, since refusing them costs thrice as much.
 */
const listeners = shares ? 16 : 1;
/**
 * Connections that wait to be accepted. More than are accepted in a second help nobody: the handshake of another one is
 * dropped and repeated after a second, and without a bound all would wait longer than that.
 */
const backlog = 2048 / listeners;

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
      ...timeouts,
      maxHeaderSize: maxHeaderBytes,
    },
    handler,
  );
  answerParserErrors(server, service);
  const others: Listener[] = [];
  try {
    // With a shared port no error says that another program uses it.
    if (shares && port !== 0) await probe(host, port);
    await take(server, { host, port, reusePort: shares });
    const { port: taken } = server.address() as AddressInfo;
    while (others.length < listeners - 1) {
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

/** Listens exclusively and closes again: fails when any program listens there, sharing or not. */
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
