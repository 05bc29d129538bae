/**
 * An HTTP client for load, cheaper than a general one: it writes whole requests and reads an answer's status and length.
 */
import { connect, type Socket } from 'node:net';

/** How requests and connections belong together. */
export const connectionKinds = ['kept', 'new'] as const;

/** One of those: a connection is used again when its answer has come, or each request has one of its own. */
export type ConnectionKind = (typeof connectionKinds)[number];

/** Where to send to, and from where. */
export interface WireSettings {
  readonly url: string;
  readonly connections: ConnectionKind;
  /** The sender's address, where the system's choice does not do. Binding ports of a given address takes longer. */
  readonly from?: string;
  /** After so long without a whole answer the connection is closed. */
  readonly patienceMs: number;
}

/** Sends requests. */
export interface WireClient {
  /** Posts JSON; the status is 0 without a whole answer. */
  post(path: string, body: string): Promise<number>;
  close(): void;
}

interface Connection {
  readonly socket: Socket;
  received: string;
  end: ((status: number) => void) | undefined;
}

/** Creates a client without connections. */
export function createWireClient({ url, connections, from, patienceMs }: WireSettings): WireClient {
  const { hostname, port } = new URL(url);
  const idle: Connection[] = [];
  const lines = `Host: ${hostname}:${port}\r\nConnection: ${connections === 'kept' ? 'keep-alive' : 'close'}\r\nContent-Type: application/json\r\n`;

  return {
    post(path, body) {
      const one = idle.pop() ?? open();
      one.received = '';
      return new Promise((resolve) => {
        const timer = setTimeout(() => one.socket.destroy(), patienceMs);
        one.end = (status) => {
          one.end = undefined;
          clearTimeout(timer);
          resolve(status);
        };
        one.socket.write(
          `POST ${path} HTTP/1.1\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      });
    },
    close() {
      for (const { socket } of idle) socket.destroy();
    },
  };

  function open(): Connection {
    const socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    const one: Connection = { socket, received: '', end: undefined };
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      one.received += text;
      const answer = parseAnswer(one.received);
      if (answer === undefined) return;
      // The server closes the others: whoever closes first keeps the port for a minute.
      if (!answer.isLast) idle.push(one);
      one.end?.(answer.status);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const at = idle.indexOf(one);
      if (at !== -1) idle.splice(at, 1);
      one.end?.(0);
    });
    return one;
  }
}

/** The answer as soon as it is whole. The services give each answer a length. */
function parseAnswer(received: string): { readonly status: number; readonly isLast: boolean } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = received.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? '0';
  if (received.length < end + 4 + Number(length)) return undefined;
  return { status: Number(head.slice(9, 12)), isLast: /\r\nconnection: *close/i.test(head) };
}
