/**
 * The guided tour: six steps, each with a sentence and a button that runs it. The part of the page that a step teaches
 * carries `data-pointed` and is outlined.
 */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toGuard, toPending } from '../model/chain.ts';
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

/** Draws the tour; nothing when the reader has put it away. */
export function tour(view: View, actions: Actions): TemplateResult | null {
  const { page } = view;
  if (page.tour.isClosed) return null;
  const present = toStep(page.tour);
  return html`<section class="card tour-card" aria-labelledby="tour">
    <div class="section-head">
      <h2 id="tour">Guided tour</h2>
      <div class="handles">
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
        ${button({ text: 'Close', look: 'quiet', act: actions.toggleTour, label: 'Close the guided tour' })}
      </div>
    </div>
    <ol class="tour">
      ${tourSteps.map((step, index) => item(view, step, index))}
    </ol>
    ${present === undefined ? html`<p>That was all of it. The settings of every breaker are yours to try.</p>` : now(view, present, actions)}
  </section>`;
}

function item(view: View, step: TourStep, index: number): TemplateResult {
  const { done } = view.page.tour;
  const { title } = toWords(view, step);
  if (index < done) {
    return html`<li class="done">${icon('check')}<span class="title">${title}</span><span class="visually-hidden"> done</span></li>`;
  }
  if (index > done)
    return html`<li class="muted"><span class="count">${index + 1}</span><span class="title">${title}</span></li>`;
  return html`<li aria-current="step"><span class="count">${index + 1}</span><strong class="title">${title}</strong></li>`;
}

function now(view: View, step: TourStep, actions: Actions): TemplateResult {
  const { title, what, does } = toWords(view, step);
  return html`<div class="tour-now">
    <p>${what}</p>
    <div class="handles">
      ${button({ text: does, look: 'main', act: () => actions.doTourStep(step), off: whyOff(view), refuse: actions.say })}
      ${button({ text: 'Show me', label: 'Show me where to look', act: actions.showTourTarget })}
      ${button({ text: 'Skip', look: 'quiet', label: `Skip: ${title}`, act: actions.skipTourStep })}
    </div>
  </div>`;
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
        what: `Stop the fault: the next good probe closes the breaker, and every pending order finishes${toLeft(view)}.`,
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
        title: 'Try a setting in shadow',
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

function toLeft({ lab, groups }: View): string {
  const pending = lab.status?.ledger?.pending ?? toPending(groups);
  return pending === 0 ? '' : ` (${pending} left)`;
}

function toTrial(shadow: Parameters<typeof toShadowWords>[0] | null | undefined): string {
  return shadow == null ? '' : ` So far: ${toShadowWords(shadow)}`;
}
