/**
 * How a service lives: listens, becomes ready, and on SIGTERM leaves without dropping a request.
 *
 * The steps of leaving: unready → wait until balancers have noticed → take no new connection → finish what is under
 * way → close the rest. Whoever meets the closed door gets a refusal and comes again; nothing is cut off half-way.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where and how to listen. */
export interface ListenSettings {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
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

/** Most bytes of a request line with its headers; what a hop sends is bounded far below (passed-on.ts). */
export const maxHeaderBytes = 16_384;

/** Longer than any proxy keeps an idle connection, so that the proxy closes first and never meets a closed socket. */
const keepAliveMs = 65_000;

/**
 * Listens.
 * @throws {ListenError} when the port is taken or may not be used.
 */
export async function listen({ host, port }: ListenSettings, handler: RequestListener): Promise<Listening> {
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      maxHeaderSize: maxHeaderBytes,
    },
    handler,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toListenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: toUrl(host, taken), port: taken, close: (graceMs) => close(server, graceMs) };
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

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
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

function toUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
