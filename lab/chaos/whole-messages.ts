/** Reads requests and answers whole before they are forwarded, so that they can be doubled, delayed and cut. */
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A whole answer. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A request that was read whole. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Sends a request over a connection of its own; the time-out is ten seconds. */
export async function send(
  port: number,
  { method, path, headers, body }: ReceivedRequest,
): Promise<ReceivedResponse> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { ...headers, connection: 'close' } };
    const outgoing: ClientRequest = request({ ...options, agent: false, timeout: 10_000 }, resolve);
    outgoing.once('error', reject);
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.end(body);
  });
  return { status: incoming.statusCode ?? 502, headers: incoming.headers, body: await read(incoming) };
}

/** Reads a whole body. */
export async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Forwards an answer without the headers of its connection. */
export function answer(outgoing: ServerResponse, { status, headers, body }: ReceivedResponse): void {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...rest } = headers;
  outgoing.writeHead(status, { ...rest, 'content-length': body.length }).end(body);
}
