/**
 * Keeps connections, and sends one HTTP message at a time over each of them. The only importer of undici.
 *
 * Nothing is sent twice: a message whose connection is closed under it fails. No redirects, no decompression, no proxies.
 * undici's own pool opens a second connection for a message in the turn of an answer; here the last one used is next.
 */
import { buildConnector, Client } from 'undici';
import { Exchange, resetCode, type WholeAnswer } from './exchange.ts';

/** One message; the time that it may take is up to `signal`. */
export interface Message {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  /** Takes the body of a 200 as it comes; such an answer has no text. */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined;
}

/** Connections to any number of hosts, as many to each as messages were on the way at once. */
export interface Connections {
  /** Rejects with an error that has a `code`, such as ECONNREFUSED, when no whole answer came. */
  exchange(message: Message): Promise<WholeAnswer>;
  /** Closes every connection; a later message opens a new one. */
  close(): void;
}

interface Connection {
  readonly client: Client;
  readonly origin: string;
  isOpen: boolean;
}

/** Creates them; an idle connection is closed after `idleMs`, or before the time that the server announces. */
export function createConnections(limits: { idleMs: number; maxAnswerBytes: number }): Connections {
  const { idleMs, maxAnswerBytes } = limits;
  const connect = createConnector();
  const connections = new Set<Connection>();
  const idle = new Map<string, Connection[]>();

  return {
    async exchange({ method, url, headers, body, signal, onBytes }) {
      const { protocol, origin, pathname, search } = new URL(url);
      if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`Unsupported protocol ${protocol}`);
      const connection = idle.get(origin)?.pop() ?? open(origin);
      const exchange = new Exchange(maxAnswerBytes, onBytes);
      const abort = () => exchange.abort();
      signal.addEventListener('abort', abort, { once: true });
      try {
        const request = { path: pathname + search, method, headers: toFields(headers), body: body ?? null };
        connection.client.dispatch(request, exchange);
        const answer = await exchange.answer;
        keep(connection);
        return answer;
      } catch (error) {
        drop(connection);
        throw error;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    close() {
      for (const connection of connections) drop(connection);
    },
  };

  function open(origin: string): Connection {
    const client = new Client(origin, {
      connect,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      keepAliveTimeoutThreshold: 1000,
      // The time is limited by the signal of each message.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxAnswerBytes,
    });
    const connection = { client, origin, isOpen: false };
    client.on('connect', () => {
      connection.isOpen = true;
    });
    client.on('disconnect', () => {
      connection.isOpen = false;
      // One in use opens again by itself for what was not sent yet.
      if (idle.get(origin)?.includes(connection)) drop(connection);
    });
    connections.add(connection);
    return connection;
  }

  function keep(connection: Connection): void {
    const others = idle.get(connection.origin);
    if (!connection.isOpen) drop(connection);
    else if (others === undefined) idle.set(connection.origin, [connection]);
    else others.push(connection);
  }

  function drop(connection: Connection): void {
    const { client, origin } = connection;
    connections.delete(connection);
    const others = idle.get(origin)?.filter((other) => other !== connection) ?? [];
    if (others.length > 0) idle.set(origin, others);
    else idle.delete(origin);
    if (!client.destroyed) client.destroy().catch(() => undefined);
  }
}

/** Opens sockets; see {@link resetCode}. */
function createConnector(): buildConnector.connector {
  const connect = buildConnector({ allowH2: false });
  return (options, callback) =>
    connect(options, (...result) => {
      result[1]?.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') error.code = resetCode;
      });
      callback(...result);
    });
}

/** Names and values by turns. What no field may hold is left out, as axios does; it would make the message fail. */
function toFields(headers: Readonly<Record<string, string>>): string[] {
  const fields: string[] = [];
  for (const name in headers) fields.push(name, `${headers[name]}`.replace(/[^\t\x20-\x7e\x80-\xff]+/g, ''));
  return fields;
}
