/**
 * What may stand between two hops: a proxy that takes away, adds or changes, as a test says.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One message on its way. */
export interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a gateway changes what passes. */
export interface Manners {
  request?(sent: Message & { readonly path: string }): Message & { readonly path: string };
  answer?(given: Message): Message;
}

/** A gateway that listens. */
export interface Gateway {
  readonly url: string;
  behave(manners: Manners): void;
  stop(): Promise<void>;
}

/** Takes away the headers whose small-letter names `goes` picks. */
export function without(headers: IncomingHttpHeaders, goes: (name: string) => boolean): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !goes(name)));
}

/** Starts a gateway in front of a service; it changes nothing until told otherwise. */
export async function startGateway(target: string): Promise<Gateway> {
  let manners: Manners = {};
  const server = createServer(async (incoming, outgoing) => {
    const { request = (sent) => sent, answer = (given) => given } = manners;
    const { headers, url = '', method = '' } = incoming;
    const sent = request({ headers, path: url, body: await text(incoming) });
    const given = await fetch(`${target}${sent.path}`, {
      method,
      headers: without(sent.headers, isOfConnection) as Record<string, string>,
      ...(method === 'POST' ? { body: sent.body } : {}),
    });
    const back = answer({ headers: Object.fromEntries(given.headers), body: await given.text() });
    outgoing.writeHead(given.status, without(back.headers, isOfConnection));
    outgoing.end(back.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/create`,
    behave(next) {
      manners = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isOfConnection(name: string): boolean {
  return ['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive'].includes(name);
}
