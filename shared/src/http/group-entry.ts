/**
 * One entry of a group as a request and a response of its own, as far as a create needs them.
 *
 * No socket is behind them: "reset" and "closed" concern the entry alone, and the answer goes to `onAnswer` as a whole.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Request, Response } from 'express';
import type { Entry, EntryAnswer } from '../delivery/group-format.ts';
import { toRequestId } from './request-id.ts';

/** An entry in work. */
export interface EntryExchange {
  readonly request: Request;
  readonly response: Response;
  /** The caller has left: its response is closed. */
  close(): void;
}

/** Makes the request and the response of one entry; `onAnswer` gets nothing when its connection would have been cut. */
export function createEntry(
  entry: Entry,
  message: IncomingMessage,
  path: string,
  onAnswer: (answer: EntryAnswer['answer']) => void,
): EntryExchange {
  const socket = new EntrySocket(message.socket, () => response.cut());
  const response = new EntryResponse(socket, onAnswer);
  const request = new EntryRequest(entry, socket, message.url ?? '', path);
  return {
    // Both have what is used of them on the way to a create, and nothing else of Express.
    request: request as unknown as Request,
    response: response as unknown as Response,
    close: () => response.close(),
  };
}

/** What is asked of a connection on the way to a create. */
class EntrySocket {
  destroyed = false;
  readonly remoteAddress: string | undefined;
  readonly #cut: () => void;

  constructor({ remoteAddress }: Socket, cut: () => void) {
    this.remoteAddress = remoteAddress;
    this.#cut = cut;
  }

  destroy(): void {
    this.#cut();
  }

  resetAndDestroy(): void {
    this.#cut();
  }
}

class EntryRequest {
  readonly method = 'POST';
  readonly url: string;
  readonly path: string;
  readonly route: { readonly path: string };
  readonly headers: Record<string, string | undefined>;
  readonly body: Buffer;
  readonly socket: EntrySocket;

  constructor({ headers, body }: Entry, socket: EntrySocket, url: string, path: string) {
    this.url = url;
    this.path = path;
    this.route = { path };
    this.headers = { ...headers, 'x-request-id': toRequestId(headers['x-request-id']) };
    this.body = Buffer.from(body);
    this.socket = socket;
  }

  get(name: string): string | undefined {
    return this.headers[name.toLowerCase()];
  }
}

class EntryResponse extends EventEmitter {
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  closed = false;
  readonly socket: EntrySocket;
  readonly #onAnswer: (answer: EntryAnswer['answer']) => void;
  readonly #headers = new Map<string, string>();

  constructor(socket: EntrySocket, onAnswer: (answer: EntryAnswer['answer']) => void) {
    super();
    this.socket = socket;
    this.#onAnswer = onAnswer;
  }

  setHeader(name: string, value: unknown): this {
    this.#headers.set(name.toLowerCase(), `${value}`);
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = status;
    this.headersSent = true;
    for (const name in headers) this.setHeader(name, headers[name]);
    return this;
  }

  end(text = ''): this {
    if (this.writableEnded || this.destroyed) return this;
    this.writableEnded = true;
    this.#headers.delete('content-length');
    const headers = Object.fromEntries(this.#headers);
    this.#onAnswer({ status: this.statusCode, headers, text });
    return this;
  }

  destroy(): this {
    this.cut();
    return this;
  }

  /** Ends it as a connection that is cut does. */
  cut(): void {
    if (this.closed) return;
    if (!this.writableEnded) this.#onAnswer(undefined);
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.destroyed = true;
    this.socket.destroyed = true;
    this.emit('close');
  }
}
