/** The actions of the page. A failed one shows a message, and a running one is not started again. */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { ComparisonSettings, ComparisonStatus } from '../../server/comparison.ts';
import type { LabStatus } from '../../server/wire.ts';
import { type ShownBreaker, toGroups, toGuard, toGuards } from '../model/chain.ts';
import type { EventKind } from '../model/entries.ts';
import {
  type NamedFault,
  type Preset,
  presetTtlMs,
  type Sliders,
  toFaults,
  toPreset,
  toScope,
  toSliderFaults,
  toSlowMs,
} from '../model/faults.ts';
import { toRefusal } from '../model/form-words.ts';
import type { WordName } from '../model/glossary.ts';
import type { PageMessage, PageState } from '../model/page-state.ts';
import type { Shortcut } from '../model/shortcuts.ts';
import { toPastedId } from '../model/story-address.ts';
import type { TourStep } from '../model/tour.ts';
import { toTarget, toView } from '../model/view.ts';
import type { Answer, Api, ApiRequest } from './api.ts';
import { createLaboratoryActions } from './laboratory-actions.ts';
import { remember } from './memory.ts';
import { createRequester } from './requester.ts';
import { createRequests, usualRate } from './requests.ts';
import { createStoryReader } from './story-reader.ts';

/** What actions work with. */
export interface ActionOptions {
  readonly page: () => PageState;
  readonly dispatch: (message: PageMessage) => void;
  readonly api: Api;
  /** Follows the comparison that runs. */
  readonly follow: () => unknown;
  /** Follows what runs in the laboratory. */
  readonly followLaboratory: () => unknown;
}

/** A manual state of a breaker; `null` releases it. */
export type Override = 'open' | 'closed' | 'disabled' | null;

/** The actions by name. */
export type Actions = ReturnType<typeof createActions>;

/** How long a manual state lasts. */
const holdMs = 60_000;

/** Creates the actions of the page. */
export function createActions({ page, dispatch, api, follow, followLaboratory }: ActionOptions) {
  const view = () => toView(page(), Date.now());
  const traffic = (): LabStatus['traffic'] | undefined => page().lab.status?.traffic;
  const groups = () => toGroups(page().lab.status);
  const toast = (kind: 'done' | 'failed', text: string) =>
    dispatch({ type: 'toasted', kind, text, at: Date.now() });

  const { ask, run, admit, settleToken } = createRequester({ page, dispatch, api, toast });
  const stories = createStoryReader({ page, dispatch, ask });
  const { setTraffic, setFault, endFault, endFaults, clearFaults, change } = createRequests(page);

  function slowMsOf(service: string): number {
    return toSlowMs(toGuard(groups(), service)?.report.config.attemptTimeoutMs);
  }

  function last(): string {
    return groups().at(-1)?.name ?? '';
  }

  async function breakWith(
    preset: Preset,
    service: string,
    instance: string | null = null,
  ): Promise<boolean> {
    dispatch({ type: 'slid', service, sliders: null });
    return run(setFault(service, toPreset(preset, slowMsOf(service)), instance));
  }

  async function sendOrder(): Promise<void> {
    const answer = await ask({ method: 'POST', path: '/api/orders' });
    if (!answer.ok) toast('failed', answer.detail);
  }

  /** Shows at the fields of an open form why it was refused. */
  function refuse({ detail, fields }: Extract<Answer, { ok: false }>): void {
    dispatch({ type: 'answered', answer: { ok: false, message: toRefusal(detail, fields), fields } });
  }

  /** The answer is the status; a refusal may mean that another page has started one. */
  async function changeComparison(request: ApiRequest): Promise<void> {
    const answer = await ask(request);
    if (answer.ok) dispatch({ type: 'compared', change: { status: answer.body as ComparisonStatus } });
    else toast('failed', answer.detail);
    await follow();
  }

  const actions = {
    ...createLaboratoryActions({ dispatch, ask, run, toast, follow: followLaboratory }),
    admit,
    chooseComparison: (choice: Partial<ComparisonSettings>) =>
      dispatch({ type: 'compared', change: { choice } }),
    compare: () =>
      changeComparison({ method: 'POST', path: '/api/comparisons', body: page().comparison.choice }),
    cancelComparison: () => changeComparison({ method: 'DELETE', path: '/api/comparisons/latest' }),
    toggleTraffic: () => run([setTraffic(traffic()?.on !== true)]),
    /** Sets the rate; running traffic follows at once. */
    async setRate(ratePerSecond: number) {
      dispatch({ type: 'rated', rate: ratePerSecond });
      if (traffic()?.on === true) await run([setTraffic(true, ratePerSecond)]);
    },
    sendOrder,
    togglePause: () => dispatch({ type: 'paused', at: Date.now() }),
    async reset() {
      dispatch({ type: 'rated', rate: null });
      for (const { name } of groups()) dispatch({ type: 'slid', service: name, sliders: null });
      await run(
        [{ method: 'POST', path: '/api/reset' }],
        'Reset: traffic is off, nothing is broken, and every breaker is closed.',
      );
    },
    /** Chooses what presets break: a service, or one instance of it. */
    chooseTarget: (service: string, instance: string | null = null) =>
      dispatch({ type: 'targeted', service, instance }),
    breakWith,
    slide: (service: string, sliders: Sliders) => dispatch({ type: 'slid', service, sliders }),
    async applySliders(service: string, sliders: Sliders, instance: string | null = null) {
      const group = groups().find(({ name }) => name === service);
      const running = group === undefined ? [] : toFaults(toScope(group, instance)).map(({ name }) => name);
      const { set, end } = toSliderFaults(sliders);
      const ended = end
        .filter((name) => running.includes(name))
        .flatMap((name) => endFault(service, name, instance));
      if (await run([...set.flatMap((fault) => setFault(service, fault, instance)), ...ended])) {
        dispatch({ type: 'slid', service, sliders: null });
      }
    },
    stopFault: (service: string, name: string, instance: string | null) =>
      run(endFault(service, name, instance)),
    async stopFaultsOf(service: string, instance: string | null = null) {
      dispatch({ type: 'slid', service, sliders: null });
      await run(clearFaults(service, instance));
    },
    async heal() {
      for (const { name } of groups()) dispatch({ type: 'slid', service: name, sliders: null });
      await run(endFaults());
    },
    force: (breaker: ShownBreaker, force: Override) =>
      run([
        change(breaker, { force, ...(force === 'open' || force === 'disabled' ? { ttlMs: holdMs } : {}) }),
      ]),
    /** Sends the form of the settings dialog; errors are shown at the fields. */
    async changeSettings(
      breaker: ShownBreaker,
      what: { settings: Partial<BreakerSettings> } | { shadow: Partial<BreakerSettings> | null },
      done: string,
    ) {
      const answer = await ask(change(breaker, what));
      if (answer.ok) dispatch({ type: 'answered', answer: { ok: true, message: done, fields: {} } });
      else refuse(answer);
    },
    /** Sends the form with every field of a fault; errors are shown at the fields. */
    async sendFault(service: string, { name, fault }: NamedFault, instance: string | null = null) {
      for (const request of setFault(service, { name, fault }, instance)) {
        const answer = await ask(request);
        if (!answer.ok) return refuse(answer);
      }
      dispatch({ type: 'closed' });
      toast('done', `The fault ${name} is on in ${service}${instance === null ? '' : ` at ${instance}`}.`);
    },
    /** Shows or hides the card of one breaker of a group. */
    toggleDetails: ({ key }: ShownBreaker) =>
      dispatch({ type: 'detailed', breaker: page().detailed === key ? null : key }),
    setSpan: (spanMs: number) => dispatch({ type: 'spanned', spanMs }),
    /** Shows another time on all charts; `null` is the present. */
    scrollTo: (until: number | null) => dispatch({ type: 'scrolled', until, now: view().now }),
    filterEvents: (kind: EventKind) => dispatch({ type: 'filtered', kind }),
    showMoreEvents: () => dispatch({ type: 'more-events' }),
    openKeys: () => dispatch({ type: 'opened', dialog: { kind: 'keys' } }),
    openGlossary: (word: WordName | null = null) =>
      dispatch({ type: 'opened', dialog: { kind: 'glossary', word } }),
    openSettings({ key }: ShownBreaker) {
      dispatch({ type: 'opened', dialog: { kind: 'settings', breaker: key } });
      // The reasons of the settings come from the last tune.
      void followLaboratory();
    },
    openFaultForm: (service: string, instance: string | null = null) =>
      dispatch({ type: 'opened', dialog: { kind: 'fault', service, instance } }),
    closeDialog() {
      if (page().dialog?.kind === 'story') stories.leave();
      dispatch({ type: 'closed' });
      settleToken(false);
    },
    /** Follows an element that the browser has closed; its event comes late, and a dialog opened meanwhile stays. */
    dialogClosed(dialog: PageState['dialog']) {
      if (page().dialog === dialog) actions.closeDialog();
    },
    followAddress: stories.begin,
    /** Opens the story of what was typed or pasted. */
    findOrder(text: string) {
      const order = toPastedId(text);
      if (order === undefined) toast('failed', 'Type or paste the id of an order first.');
      else stories.show(order);
    },
    async copyLink() {
      await navigator.clipboard.writeText(location.href).then(
        () => toast('done', 'The link is copied.'),
        () => toast('failed', `The browser does not let the link be copied: ${location.href}`),
      );
    },
    dismiss: (id: number) => dispatch({ type: 'dismissed', id }),
    say: (text: string) => toast('failed', text),
    giveToken(token: string) {
      remember('token', token);
      dispatch({ type: 'closed' });
      settleToken(true);
    },
    switchShortcuts(on: boolean) {
      remember('shortcuts', on);
      dispatch({ type: 'shortcuts', on });
    },
    skipTourStep: () => dispatch({ type: 'toured', step: 'skip' }),
    restartTour: () => dispatch({ type: 'toured', step: 'restart' }),
    toggleTour: () => dispatch({ type: 'toured', step: 'toggle' }),
    /** Scrolls to what the present step of the tour points at. */
    showTourTarget: () =>
      document.querySelector('[data-pointed="true"]')?.scrollIntoView({ block: 'center' }),
    /** Runs the action of the present step of the tour. */
    async doTourStep(step: TourStep) {
      const service = last();
      const flow = traffic()?.on === true ? [] : [setTraffic(true, usualRate)];
      switch (step) {
        case 'healthy':
        case 'probe':
          return sendOrder();
        case 'trip':
          await run([...setFault(service, toPreset('down', 0)), ...flow]);
          return;
        case 'heal':
          return actions.heal();
        case 'slow':
          await run([...setFault(service, toPreset('slow', slowMsOf(service))), ...flow]);
          return;
        case 'shadow': {
          const flaky = toPreset('flaky', 0);
          const mild = { name: flaky.name, fault: { ...flaky.fault, rate: 0.35, ttlMs: presetTtlMs } };
          const guards = toGuards(groups(), service);
          const shadow = guards.map((guard) => change(guard, { shadow: { thresholdRatio: 0.2 } }));
          await run([...endFaults(), ...shadow, ...setFault(service, mild), ...flow]);
          return;
        }
      }
    },
    /** Runs the action of a key, under the same conditions as its button. */
    press(shortcut: Shortcut): unknown {
      if (shortcut === 'keys') return actions.openKeys();
      if (shortcut === 'words') return actions.openGlossary();
      if (shortcut === 'pause') return actions.togglePause();
      if (view().stale) return actions.say('The lab cannot be reached, so nothing was sent.');
      const target = toTarget(view())?.name ?? last();
      switch (shortcut) {
        case 'traffic':
          return actions.toggleTraffic();
        case 'order':
          return sendOrder();
        case 'break':
          return breakWith('down', last());
        case 'reset':
          return actions.reset();
        case 'heal':
          return actions.heal();
        default:
          return breakWith(shortcut, target, page().targetInstance);
      }
    },
  };
  return actions;
}
