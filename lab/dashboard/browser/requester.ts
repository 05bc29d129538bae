/**
 * Sends requests and says what went wrong; asks for the lab's token when it demands one.
 */
import type { PageMessage, PageState } from '../model/page-state.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { recall } from './memory.ts';

/** What asking works with. */
export interface RequesterOptions {
  readonly page: () => PageState;
  readonly dispatch: (message: PageMessage) => void;
  readonly api: Api;
  readonly toast: (kind: 'done' | 'failed', text: string) => void;
}

const noToken: Answer = {
  ok: false,
  status: 401,
  detail: 'The lab needs its token for every change, so nothing was changed.',
  fields: {},
};

/** Creates the way to ask. */
export function createRequester({ page, dispatch, api, toast }: RequesterOptions) {
  let onToken: ((given: boolean) => void)[] = [];

  /** Opens the dialog for the token; resolves when it was given, or not. */
  function askToken(): Promise<boolean> {
    dispatch({ type: 'opened', dialog: { kind: 'token' } });
    return new Promise((resolve) => onToken.push(resolve));
  }

  /** Ends every wait for the token. */
  function settleToken(given: boolean): void {
    for (const resolve of onToken) resolve(given);
    onToken = [];
  }

  /** Sends one request; when the lab demands a token, that is asked for first, and again when it was wrong. */
  async function ask(request: ApiRequest): Promise<Answer> {
    const isMissing = page().lab.status?.tokenNeeded === true && recall('token') === undefined;
    if (isMissing && !(await askToken())) return noToken;
    const answer = await api(request);
    if (answer.ok || answer.status !== 401) return answer;
    return (await askToken()) ? api(request) : noToken;
  }

  /** Sends requests one after another; the first that fails is said and ends it. */
  async function run(requests: readonly ApiRequest[], done?: string): Promise<boolean> {
    for (const request of requests) {
      const answer = await ask(request);
      if (!answer.ok) {
        toast('failed', answer.detail);
        return false;
      }
    }
    if (done !== undefined) toast('done', done);
    return true;
  }

  /** Gets the right to read, which a stream cannot ask for itself; false when a person would not give the token. */
  async function admit(): Promise<boolean> {
    const answer = await ask({ method: 'POST', path: '/api/session' });
    if (answer === noToken) toast('failed', 'Without its token the lab shows nothing. Load the page again.');
    return answer !== noToken;
  }

  return { ask, run, admit, settleToken };
}
