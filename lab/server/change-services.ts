/**
 * Forwards changes to every instance of a service, with the token, and returns the answer unchanged.
 *
 * This is the only place that sends the token, and only to addresses of the settings: those in LAB_SERVICES, and those
 * behind a dns+http name in it. A redirect is returned and not followed.
 */
import type { HttpCalls, HttpResponse } from './http-call.ts';
import type { ServiceAddress } from './settings.ts';

/** A request to the controls of a service. */
export interface Change {
  readonly method: string;
  /** From the root of the service; its parts are encoded. */
  readonly path: string;
  readonly body?: string | Buffer | undefined;
}

/** Sends one change to the instances of a service. */
export type ChangeServices = (instances: readonly ServiceAddress[], change: Change) => Promise<HttpResponse>;

/** Time-out of a control. */
const timeoutMs = 5000;

/** Creates the client of the controls. */
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
    // Several instances count as one service: the change fails if one of them refuses it.
    return answers.reduce((worst, answer) => (answer.status > worst.status ? answer : worst));
  };
}
