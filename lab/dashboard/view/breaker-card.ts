/** The card of one breaker: its state with the reason, its numbers, its recent calls, and its controls. */
import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';
import { html, svg, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import {
  toGaugeRatio,
  toHeadline,
  toSentWords,
  toShareWords,
  toThresholdWords,
  toWhy,
} from '../model/breaker-words.ts';
import { type ShownBreaker, toGuard, toPlaceWords } from '../model/chain.ts';
import { none, toClock, toCount, toMs, toTitle } from '../model/format.ts';
import { toRangeWords } from '../model/time-range.ts';
import { isKnown, isPointed, toBreakerSegments, toShownState, type View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { charts } from './charts.ts';
import { pill } from './pill.ts';
import { stateStrip } from './state-strip.ts';
import { term } from './term.ts';
import { windowBoxes } from './window-boxes.ts';

/** Draws the card of a breaker. */
export function breakerCard(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
  const { report, route } = breaker;
  const state = toShownState(view, breaker);
  const known = isKnown(view, breaker);
  const headline = toHeadline(view, breaker);
  const last = toGuard(view.groups, view.groups.at(-1)?.name ?? '');
  const isLast = last?.route === route;
  const id = `breaker-${view.breakers.indexOf(breaker)}`;
  return html`<section class="card breaker" data-state=${state} data-pointed=${String(isLast && isPointed(view, 'breaker'))} aria-labelledby=${id}>
    <header>
      <h2 id=${id}>${toTitle(route)}${toPlaceWords(breaker) === '' ? null : html` <small>${toPlaceWords(breaker)}</small>`}</h2>
      ${pill(state)}
    </header>
    <p class="why">${known ? toWhy(view, breaker) : toSilence(view, breaker)}</p>
    <div class="figures">
      <p class="figure big"><span class="muted">${known ? headline.label : `last known: ${headline.label}`}</span> <strong class=${headline.isQuiet ? 'zero' : ''}>${headline.value}</strong></p>
      <div>
        ${gauge(breaker)}
        <ul class="small muted">
          <li>${toShareWords(breaker)}</li>
          <li>${term('threshold', actions, toThresholdWords(breaker))}</li>
          <li class="rates">${known ? toSentWords(view, breaker) : null}</li>
        </ul>
      </div>
    </div>
    <h3>${term('window', actions, 'Window')}, last ${Math.round(report.window.windowMs / 1_000)} s in ten buckets</h3>
    ${windowBoxes(report.window)}
    ${counts(breaker, actions)}
    <h3>State, ${toRangeWords(view.page.time, toClock)}</h3>
    ${stateStrip(toBreakerSegments(view, breaker))}
    ${charts(view, breaker)}
    ${shadow(breaker)}
    ${handles(view, breaker, actions)}
  </section>`;

  function toSilence({ lastDataAt }: View, { service }: ShownBreaker): string {
    if (view.stale)
      return `The lab says nothing${lastDataAt === null ? '' : ` since ${toClock(lastDataAt)}`}. These are its last numbers.`;
    const since = service.lastHeardAt === null ? '' : ` since ${toClock(service.lastHeardAt)}`;
    return `${service.name} says nothing${since}. These are its last numbers; it may have changed meanwhile.`;
  }

  function handles(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
    const off = whyOff(view) ?? (known ? null : `${breaker.service.name} is away.`);
    const forced = report.state === 'forced_open' || report.state === 'disabled';
    const refuse = actions.say;
    return html`<div class="handles">
      ${button({ text: 'Force open', act: () => actions.force(breaker, 'open'), off, refuse })}
      ${button({ text: 'Close now', act: () => actions.force(breaker, 'closed'), off, refuse })}
      ${button({ text: 'Bypass', act: () => actions.force(breaker, 'disabled'), off, refuse })}
      ${forced ? button({ text: 'Release', act: () => actions.force(breaker, null), off, refuse }) : null}
      ${button({ text: 'Settings…', act: () => actions.openSettings(breaker), off, refuse })}
    </div>`;
  }
}

/** The share of failed calls with the threshold as a mark; the line below says the same in words. */
function gauge(breaker: ShownBreaker): TemplateResult {
  const ratio = toGaugeRatio(breaker);
  const { thresholdRatio } = breaker.report.config;
  return html`<svg class="gauge" aria-hidden="true" focusable="false">
    ${svg`<rect class="track" width="100%" height="10" y="3" rx="5" />
      <rect class="fill" width="${ratio * 100}%" height="10" y="3" rx="5" />
      <rect class="threshold" x="${thresholdRatio * 99.4}%" width="3" height="16" y="0" />`}
  </svg>`;
}

function counts({ report }: ShownBreaker, actions: Actions): TemplateResult {
  const { counts: told, latency, inFlight, opened, late } = report;
  const cells: readonly (readonly [string | TemplateResult, string | number])[] = [
    ['ok', told.success],
    ['failed', told.failure],
    [term('timeout', actions), told.timeout],
    [term('rejected', actions), told.rejected],
    [term('noSlot', actions), told.saturated],
    [term('late', actions), late],
    [term('latency', actions, 'p50'), toMs(latency.p50)],
    ['p95', toMs(latency.p95)],
    ['p99', toMs(latency.p99)],
    [term('inFlight', actions), inFlight],
    ['opened', `${opened}×`],
    [term('ignored', actions), told.ignored],
  ];
  return html`<dl class="counts">
    ${cells.map(
      ([name, value]) =>
        html`<div><dt>${name}</dt><dd class=${isNothing(value) ? 'zero' : ''}>${value}</dd></div>`,
    )}
  </dl>`;
}

/** Zeros and dashes step back. */
function isNothing(value: string | number): boolean {
  return value === 0 || value === '0×' || value === none;
}

function shadow({ report }: ShownBreaker): TemplateResult | null {
  if (report.shadow === null) return null;
  return html`<p class="shadow"><strong>In shadow:</strong> ${toShadowWords(report.shadow)}</p>`;
}

/** `Above 20%: would have opened 2×, would have rejected 31 of 240 calls since 12:04:41.` */
export function toShadowWords({
  config,
  opened,
  wouldReject,
  calls,
  since,
}: NonNullable<ShownBreaker['report']['shadow']>): string {
  const rule = `${toPercent(config.thresholdRatio)} of at least ${toCount(config.minCalls, 'call')}`;
  return `above ${rule} it would have opened ${opened}×, and would have rejected ${wouldReject} of ${toCount(calls, 'call')} since ${toClock(since)}.`;
}
