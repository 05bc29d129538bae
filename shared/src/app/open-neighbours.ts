/**
 * Opens the ways to neighbours of one's own: each by a name, through a pipeline with a breaker of its own.
 *
 * They are named when the service starts, so that their breakers are there from then on, and so that no request can
 * make one. What an answer below 500 means is decided by whoever asked.
 */
import { StartError } from '../core/errors.ts';
import { addressesForm, parseAddresses } from '../discovery/addresses.ts';
import type { CallNeighbour, NeighbourCall } from '../http/own-request.ts';
import { marginMs, systemClock } from '../resilience/deadline.ts';
import { NeighbourError } from '../resilience/errors.ts';
import type { HttpResponse } from '../resilience/http-client.ts';
import type { CallContext } from '../resilience/pipeline.ts';
import { parseRetryAfter } from '../resilience/retry-after.ts';
import { type OpenedPipeline, type OpenPipelineOptions, openPipeline } from './open-pipeline.ts';

/** Where neighbours of one's own are, by name: one or more URLs in the form of `CHAIN_SVC`. */
export type NeighbourAddresses = Readonly<Record<string, string>>;

/** The neighbours of one's own, with what must be closed at the end. */
export interface OpenedNeighbours {
  readonly call: CallNeighbour;
  close(): Promise<void>;
}

/**
 * Opens the ways to all of them.
 * @throws {StartError} when a name or an address cannot be used.
 */
export function openNeighbours(
  addresses: NeighbourAddresses,
  options: OpenPipelineOptions & { readonly nextName: string | undefined },
): OpenedNeighbours {
  for (const [name, text] of Object.entries(addresses)) requireUsable(name, text, options.nextName);
  const opened = new Map(
    Object.entries(addresses).map(([name, text]) => [
      name,
      openPipeline(name, parseAddresses(text, ''), options),
    ]),
  );
  return {
    call(name, what, context) {
      const neighbour = opened.get(name);
      if (neighbour !== undefined) return callThrough(neighbour, name, what, context);
      throw new Error(
        `There is no neighbour "${name}"; there are ${[...opened.keys()].join(', ') || 'none'}.`,
      );
    },
    async close() {
      await Promise.all([...opened.values()].map((neighbour) => neighbour.close()));
    },
  };
}

function requireUsable(name: string, address: string, nextName: string | undefined): void {
  if (name === nextName)
    throw new StartError(
      `The neighbour "${name}" has the name of the next hop: their breakers would be one.`,
    );
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name))
    throw new StartError(
      `The neighbour "${name}" needs a name of 1 to 64 letters, digits, dots, dashes or underscores.`,
    );
  if (address !== '' && !addressesForm.test(address))
    throw new StartError(
      `The address of the neighbour "${name}" must be one or more http://, https://, dns+http:// or local+http:// URLs, separated by commas.`,
    );
}

function callThrough(
  { pipeline, client }: OpenedPipeline,
  name: string,
  { path = '', method = 'GET', body, headers = {}, attempts }: NeighbourCall,
  context: CallContext,
): Promise<HttpResponse> {
  if (!/^([/?]|$)/.test(path)) throw new Error(`The path "${path}" does not begin with a slash.`);
  if (!staysBehind('/a', path) || !staysBehind('/b', path))
    throw new Error(`The path "${path}" leads out of the address of ${name}.`);
  // What is not known to be safe to repeat is sent once.
  const most = attempts ?? (method === 'GET' ? undefined : 1);
  return pipeline(
    context,
    async ({ url, timeoutMs, signal, propagatedHeaders }) => {
      const answer = await client.send({
        method,
        url: `${url.replace(/\/$/, '')}${path}`,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`,
          ...propagatedHeaders,
          ...headers,
        },
        timeoutMs,
        signal,
      });
      requireAnswer(name, answer);
      return answer;
    },
    most === undefined ? {} : { attempts: most },
  );
}

/** Whether `path` with its `..` ends behind `address`. One address proves nothing, since the path may go back into it. */
function staysBehind(address: string, path: string): boolean {
  return `${new URL(`http://any${address}${path}`).pathname}/`.startsWith(`${address}/`);
}

/** An answer that says nothing but that the neighbour cannot; its text may be anything, so it goes no further. */
function requireAnswer(name: string, answer: HttpResponse): void {
  const { status } = answer;
  if (status < 500 && status !== 408 && status !== 429) return;
  const code = status === 429 ? 'neighbour-busy' : 'neighbour-failed';
  throw new NeighbourError(code, `${name} answered ${status}.`, {
    retryAfterMs: parseRetryAfter(answer, systemClock),
  });
}
