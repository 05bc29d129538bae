/** The guided tour: six steps, each with a sentence and a button that runs it. */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toGuard } from '../model/chain.ts';
import { toSeconds, toTitle } from '../model/format.ts';
import { type TourStep, toStep, tourSteps } from '../model/tour.ts';
import { toBreakerTime, type View } from '../model/view.ts';
import { toShadowWords } from './breaker-card.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';

interface StepWords {
  readonly title: string;
  readonly what: string;
  readonly does: string;
}

/** Draws the tour. */
export function tour(view: View, actions: Actions): TemplateResult {
  const { page } = view;
  const present = toStep(page.tour);
  return html`
    <ol class="tour">
      ${tourSteps.map((step, index) => item(view, step, index, actions))}
    </ol>
    ${present === undefined ? html`<p>That was all of it. The settings of every breaker are yours to try.</p>` : null}
    ${
      page.tour.done === 0
        ? null
        : button({
            text: 'Start over',
            look: 'quiet',
            act: actions.restartTour,
            label: 'Start over the guided tour',
          })
    }
  `;
}

function item(view: View, step: TourStep, index: number, actions: Actions): TemplateResult {
  const { done } = view.page.tour;
  const words = toWords(view, step);
  if (index < done) return html`<li class="done">${words.title} <strong>${icon('check')}done</strong></li>`;
  if (index > done) return html`<li class="muted">${words.title}</li>`;
  return html`<li aria-current="step">
    <strong>${words.title}</strong>
    <p>${words.what}</p>
    <div class="handles">
      ${button({ text: words.does, look: 'main', act: () => actions.doTourStep(step), off: whyOff(view), refuse: actions.say })}
      ${button({ text: 'Skip', look: 'quiet', label: `Skip: ${words.title}`, act: actions.skipTourStep })}
    </div>
  </li>`;
}

function toWords(view: View, step: TourStep): StepWords {
  const service = view.groups.at(-1)?.name ?? 'the last service';
  const guard = toGuard(view.groups, service);
  const name = guard === undefined ? 'the breaker' : toTitle(guard.route);
  switch (step) {
    case 'healthy':
      return {
        title: 'Watch a healthy order',
        what: `Send one order and see every hop answer it.`,
        does: 'Send one order',
      };
    case 'trip':
      return {
        title: 'Trip a breaker',
        what: `Let ${service} fail while orders arrive: ${name} opens, and customers still get their answer at once.`,
        does: `Break ${service}`,
      };
    case 'probe':
      return {
        title: `Wait for the probe${toStep(view.page.tour) === 'probe' ? toCountdown(view) : ''}`,
        what: 'When the countdown ends, one single call is let through, the probe; its result decides.',
        does: 'Send one order',
      };
    case 'heal':
      return {
        title: 'Heal it',
        what: `Stop the fault: the next good probe closes the breaker, and every pending order finishes${toPending(view)}.`,
        does: 'Stop every fault',
      };
    case 'slow':
      return {
        title: 'Slow is worse than down',
        what: `Let ${service} be too slow: each call waits for the whole timeout, until the breaker opens and answers are fast again.`,
        does: `Slow ${service} down`,
      };
    case 'shadow':
      return {
        title: 'With and without: try a setting in shadow',
        what: `Let 35% of the calls fail and try a threshold of 20% in shadow: it judges the same calls and decides nothing.${toTrial(guard?.report.shadow)}`,
        does: 'Try 20% in shadow',
      };
  }
}

function toCountdown(view: View): string {
  const open = view.breakers.find(({ report }) => report.state === 'open');
  if (open?.report.probeAt == null) return '';
  return ` (${toSeconds(open.report.probeAt - toBreakerTime(view, open))})`;
}

function toPending({ groups }: View): string {
  const services = groups.flatMap(({ instances }) => instances);
  const pending = services.reduce((sum, { status }) => sum + (status?.relay?.pending ?? 0), 0);
  return pending === 0 ? '' : ` (${pending} left)`;
}

function toTrial(shadow: Parameters<typeof toShadowWords>[0] | null | undefined): string {
  return shadow == null ? '' : ` So far: ${toShadowWords(shadow)}`;
}
