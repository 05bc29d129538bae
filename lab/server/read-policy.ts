/** Asks a service for the present policy of its hop, by the name of the hop. */
import { RequestError } from '@holdfast/shared/core/errors.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { HttpCalls } from './http-call.ts';
import { isRecord } from './is-record.ts';
import type { ServiceAddress } from './settings.ts';

const timeoutMs = 2000;

/**
 * Creates the reader; the first instance of the calling service that is known is asked.
 * @throws {RequestError} `not-found` when there is no such hop, or nobody answers for it.
 */
export function createReadPolicy(
  services: () => readonly ServiceAddress[],
  calls: Pick<HttpCalls, 'call'>,
): (hop: string) => Promise<Policy> {
  return async (hop) => {
    const caller = services().find(({ name }) => hop.startsWith(`${name}→`));
    if (caller === undefined) throw missing(hop, 'the lab has no service that calls so');
    const url = `${caller.url}/policy`;
    const answer = await calls.call({ method: 'GET', url, timeoutMs }).catch((error: unknown) => {
      throw missing(hop, error instanceof Error ? error.message : String(error));
    });
    const body = answer.status === 200 ? parse(answer.body.toString()) : undefined;
    if (body === null) throw missing(hop, `${caller.name} answers no JSON`);
    if (isRecord(body) && body.hop === hop && isRecord(body.policy)) return body.policy as unknown as Policy;
    throw missing(
      hop,
      isRecord(body) ? `${caller.name} has ${body.hop}` : `${caller.name} answers ${answer.status}`,
    );
  };
}

/** `null` for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function missing(hop: string, why: string): RequestError {
  return new RequestError('not-found', `The policy of ${hop} cannot be read: ${why}.`);
}
