/** The card of one breaker: its state with the reason, its numbers, its recent calls, and its controls. */
import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';
import { html, svg, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toGaugeRatio, toGaugeWords, toHeadline, toRateWords, toWhy } from '../model/breaker-words.ts';
import { type ShownBreaker, toPlaceWords } from '../model/chain.ts';
import { toClock, toCount, toMs, toTitle } from '../model/format.ts';
import { isKnown, toBreakerSegments, toShownState, type View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { charts } from './charts.ts';
import { pill } from './pill.ts';
import { stateStrip } from './state-strip.ts';
import { windowBoxes } from './window-boxes.ts';

/** Draws the card of a breaker. */
export function breakerCard(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
  const { report, route } = breaker;
  const state = toShownState(view, breaker);
  const known = isKnown(view, breaker);
  const headline = toHeadline(view, breaker);
  const id = `breaker-${view.breakers.indexOf(breaker)}`;
  return html`<section class="card breaker" data-state=${state} aria-labelledby=${id}>
    <header>
      <h2 id=${id}>${toTitle(route)}${toPlaceWords(breaker) === '' ? null : html` <small>${toPlaceWords(breaker)}</small>`}</h2>
      ${pill(state)}
    </header>
    <div class="headline">
      <p class="big"><span class="muted">${known ? headline.label : `last known: ${headline.label}`}</span> <strong>${headline.value}</strong></p>
      <p class="why">${known ? toWhy(view, breaker) : toSilence(view, breaker)}</p>
    </div>
    ${gauge(breaker)}
    <p class="small muted">${toGaugeWords(breaker)}</p>
    <p class="small rates">${known ? toRateWords(view, breaker) : null}</p>
    <h3>Window, last ${Math.round(report.window.windowMs / 1_000)} s in ten buckets</h3>
    ${windowBoxes(report.window)}
    ${counts(breaker)}
    <h3>State, last 60 s</h3>
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

function counts({ report }: ShownBreaker): TemplateResult {
  const { counts: told, latency, inFlight, opened, late } = report;
  const cells: readonly (readonly [string, string | number])[] = [
    ['ok', told.success],
    ['failed', told.failure],
    ['timed out', told.timeout],
    ['rejected', told.rejected],
    ['no slot', told.saturated],
    ['late', late],
    ['p50', toMs(latency.p50)],
    ['p95', toMs(latency.p95)],
    ['p99', toMs(latency.p99)],
    ['in flight', inFlight],
    ['opened', `${opened}×`],
    ['ignored', told.ignored],
  ];
  return html`<dl class="counts">
    ${cells.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
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
