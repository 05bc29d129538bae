/**
 * Passes changes on to the services: to every instance of one, with the token, and brings the answer back as it is.
 *
 * This is the only place that sends the token, and it goes to places of the settings alone: to the addresses that
 * LAB_SERVICES names, and to those behind a dns+http name in it, which whoever set it trusts by that. A redirect is an
 * answer and is not followed.
 */
import type { HttpCalls, HttpResponse } from './http-call.ts';
import type { ServiceAddress } from './settings.ts';

/** A change, or a question, for a service. */
export interface Change {
  readonly method: string;
  /** From the root of the service; its parts are encoded. */
  readonly path: string;
  readonly body?: string | Buffer | undefined;
}

/** Sends one change to the instances of a service. */
export type ChangeServices = (instances: readonly ServiceAddress[], change: Change) => Promise<HttpResponse>;

/** A control of a service answers at once or not at all. */
const timeoutMs = 5000;

/** Creates the way to the controls. */
export function createChangeServices(calls: HttpCalls, token: string): ChangeServices {
  const authorization = token === '' ? {} : { Authorization: `Bearer ${token}` };

  return async (instances, { method, path, body }) => {
    const headers = {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...authorization,
    };
    const asked = instances.map(({ url }) =>
      calls.call({
        method,
        url: `${url}${path}`,
        headers,
        timeoutMs,
        ...(body === undefined ? {} : { body }),
      }),
    );
    const answers = await Promise.all(asked);
    // Several instances are one service to a visitor: what one of them refuses is not done.
    return answers.reduce((worst, answer) => (answer.status > worst.status ? answer : worst));
  };
}
