/** The actions of the laboratory; after each, the page asks the lab how things stand. */
import type { ExperimentsAnswer } from '../../server/experiment.ts';
import type { TrialArm, TrialStatus } from '../../server/policy-trial.ts';
import { toHopPolicy } from '../../tune/as-settings.ts';
import { toTitle } from '../model/format.ts';
import { type LaboratoryChange, toArmName } from '../model/laboratory.ts';
import type { PageMessage } from '../model/page-state.ts';
import type { ApiRequest } from './api.ts';
import type { createRequester } from './requester.ts';

/** What they work with. */
export interface LaboratoryActionOptions {
  readonly dispatch: (message: PageMessage) => void;
  readonly ask: ReturnType<typeof createRequester>['ask'];
  readonly run: ReturnType<typeof createRequester>['run'];
  readonly toast: (kind: 'done' | 'failed', text: string) => void;
  /** Asks the lab how things stand, and goes on while something runs. */
  readonly follow: () => unknown;
}

/** Creates the actions. */
export function createLaboratoryActions({ dispatch, ask, run, toast, follow }: LaboratoryActionOptions) {
  const change = (made: LaboratoryChange) => dispatch({ type: 'laboratory', change: made });

  /** The answer is how things stand now; a refusal may mean that another page was faster. */
  async function send(request: ApiRequest, toChange: (body: unknown) => LaboratoryChange): Promise<void> {
    const answer = await ask(request);
    if (answer.ok) change(toChange(answer.body));
    else toast('failed', answer.detail);
    await follow();
  }

  const changeTrial = (request: ApiRequest) => send(request, (body) => ({ trial: body as TrialStatus }));
  const changeExperiments = (request: ApiRequest) =>
    send(request, (body) => ({ experiments: body as ExperimentsAnswer }));

  /** The answer is one recording; all of them are asked for at once. */
  const changeRecordings = (request: ApiRequest) => send(request, () => ({}));

  return {
    async unfoldLaboratory(isOpen: boolean) {
      change({ isOpen });
      if (isOpen) await follow();
    },
    chooseHop: (hop: string) => change({ hop }),
    startTrial: (hop: string) => changeTrial({ method: 'POST', path: '/api/trials', body: { hop } }),
    startExperiment: (name: string) =>
      changeExperiments({ method: 'POST', path: '/api/experiments', body: { name } }),
    cancelExperiment: () => changeExperiments({ method: 'DELETE', path: '/api/experiments/latest' }),
    startRecording: (hop: string, seconds: number) =>
      changeRecordings({ method: 'POST', path: '/api/recordings', body: { hop, seconds } }),
    /** Ends a running one, which keeps what it has; removes one that has ended. */
    endRecording: (id: string) =>
      changeRecordings({ method: 'DELETE', path: `/api/recordings/${encodeURIComponent(id)}` }),
    stopTrial: () => changeTrial({ method: 'DELETE', path: '/api/trials/latest' }),
    /** Gives a policy of the trial to every instance of the calling service. */
    async applyPolicy(hop: string, arm: TrialArm) {
      const [service = ''] = hop.split('→');
      const path = `/api/services/${encodeURIComponent(service)}/policy`;
      const body = { policy: toHopPolicy(arm.policy) };
      await run(
        [{ method: 'PATCH', path, body }],
        `${toTitle(hop)} has the settings of ${toArmName(arm)} now. Calls under way keep what they began with.`,
      );
      await follow();
    },
  };
}
