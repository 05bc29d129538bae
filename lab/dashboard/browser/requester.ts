/** Sends requests and shows errors; opens the dialog for the token when the lab requires one. */
import { toRefusal } from '../model/form-words.ts';
import type { PageMessage, PageState } from '../model/page-state.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { recall } from './memory.ts';

/** What the requester works with. */
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

/** Creates the requester. */
export function createRequester({ page, dispatch, api, toast }: RequesterOptions) {
  let onToken: ((given: boolean) => void)[] = [];

  /** Opens the dialog for the token; resolves to whether it was given. */
  function askToken(): Promise<boolean> {
    dispatch({ type: 'opened', dialog: { kind: 'token' } });
    return new Promise((resolve) => onToken.push(resolve));
  }

  /** Ends every wait for the token. */
  function settleToken(given: boolean): void {
    for (const resolve of onToken) resolve(given);
    onToken = [];
  }

  /** Sends one request; when the lab requires a token, opens the dialog for it, again after a wrong one. */
  async function ask(request: ApiRequest): Promise<Answer> {
    const isMissing = page().lab.status?.tokenNeeded === true && recall('token') === undefined;
    if (isMissing && !(await askToken())) return noToken;
    const answer = await api(request);
    if (answer.ok || answer.status !== 401) return answer;
    return (await askToken()) ? api(request) : noToken;
  }

  /** Sends requests one after another; the first failure is shown and ends it. */
  async function run(requests: readonly ApiRequest[], done?: string): Promise<boolean> {
    for (const request of requests) {
      const answer = await ask(request);
      if (!answer.ok) {
        toast('failed', toRefusal(answer.detail, answer.fields));
        return false;
      }
    }
    if (done !== undefined) toast('done', done);
    return true;
  }

  /** Gets the cookie for reading, which a stream cannot request; false when no token is given. */
  async function admit(): Promise<boolean> {
    const answer = await ask({ method: 'POST', path: '/api/session' });
    if (answer === noToken) toast('failed', 'Without its token the lab shows nothing. Load the page again.');
    return answer !== noToken;
  }

  return { ask, run, admit, settleToken };
}
