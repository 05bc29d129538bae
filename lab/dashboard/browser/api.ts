/** Sends requests to the lab. Every result is a value: done, or a sentence with the reason. */

/** How a request ended. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | {
      readonly ok: false;
      /** HTTP status; `null` when no answer came. */
      readonly status: number | null;
      /** The error in words. */
      readonly detail: string;
      /** One sentence for each field, by the last part of its pointer. */
      readonly fields: Readonly<Record<string, string>>;
    };

/** A request. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Sends one request. */
export type Api = (ask: ApiRequest) => Promise<Answer>;

/** Time-out of a change, longer than that of the lab for a service. */
const patienceMs = 15_000;

/** Creates the client of the lab's API; `token` is called before every request. */
export function createApi(token: () => string | null): Api {
  return async ({ method, path, body }) => {
    const bearer = token();
    try {
      const response = await fetch(path, {
        method,
        headers: {
          'Content-Type': 'application/json',
          ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
        signal: AbortSignal.timeout(patienceMs),
      });
      const answer: unknown = await response.json().catch(() => undefined);
      return response.ok ? { ok: true, body: answer } : toRefusal(response.status, answer);
    } catch (error) {
      const why = error instanceof Error && error.name === 'TimeoutError' ? 'in 15 s' : 'at all';
      return { ok: false, status: null, detail: `The lab did not answer ${why}.`, fields: {} };
    }
  };
}

interface Problem {
  readonly detail?: unknown;
  readonly title?: unknown;
  readonly errors?: readonly { readonly pointer?: unknown; readonly detail?: unknown }[];
}

function toRefusal(status: number, answer: unknown): Answer {
  const problem: Problem = typeof answer === 'object' && answer !== null ? answer : {};
  const said = [problem.detail, problem.title].find((text) => typeof text === 'string');
  const fields = (Array.isArray(problem.errors) ? problem.errors : []).map(
    ({ pointer, detail }: { pointer?: unknown; detail?: unknown }) =>
      [
        String(pointer ?? '')
          .split('/')
          .at(-1) ?? '',
        String(detail ?? ''),
      ] as const,
  );
  return {
    ok: false,
    status,
    detail: said ?? `The lab answered ${status} without a reason.`,
    fields: Object.fromEntries(fields),
  };
}
