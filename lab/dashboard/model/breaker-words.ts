/** Texts of a breaker beside the service's own sentence: the big number and the line under a pill. */
import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';
import { type ShownBreaker, toPlaceWords } from './chain.ts';
import { toClock, toCount, toRate, toSeconds, toShortPercent, toTitle, toWholeSeconds } from './format.ts';
import { toSentRates } from './series.ts';
import { stateWords } from './state-words.ts';
import { isKnown, toBreakerTime, toShownState, type View } from './view.ts';

/** A number with its meaning. */
export interface Headline {
  readonly label: string;
  readonly value: string;
  /** Nothing that needs attention. */
  readonly isQuiet?: true;
}

/** The number that matters in this state: the countdown, or the share of failed calls. */
export function toHeadline(view: View, breaker: ShownBreaker): Headline {
  const { state, probeAt, probeUntil, until, window } = breaker.report;
  const now = toBreakerTime(view, breaker);
  switch (state) {
    case 'open':
      return { label: 'probe in', value: toSeconds((probeAt ?? now) - now) };
    case 'half_open':
      return probeUntil === null
        ? { label: 'the probe is', value: 'next call' }
        : { label: 'probe under way', value: toSeconds(probeUntil - now) };
    case 'forced_open':
    case 'disabled':
      return { label: 'held by hand for', value: toSeconds((until ?? now) - now) };
    case 'closed':
      // A share of nothing is no share.
      return window.calls === 0
        ? { label: `in ${toWholeSeconds(window.windowMs)}`, value: 'no calls', isQuiet: true }
        : {
            label: 'failed',
            value: toShortPercent(window.ratio),
            ...(window.ratio === 0 ? { isQuiet: true } : {}),
          };
  }
}

/** The share of failed calls in a row of a group; without calls there is none. */
export function toFailedWords({ report: { window } }: ShownBreaker): string {
  if (window.calls === 0) return `no calls in ${toWholeSeconds(window.windowMs)}`;
  return `${toShortPercent(window.ratio)} failed`;
}

/** The line under a pill in the chain: `probe in 6.4 s · 78 rejected`. */
export function toEdgeWords(view: View, breaker: ShownBreaker): string {
  if (!isKnown(view, breaker)) return toLastHeard(view, breaker);
  const { state, probeAt, probeUntil, until, rejected } = breaker.report;
  const now = toBreakerTime(view, breaker);
  switch (state) {
    case 'open':
      return `probe in ${toSeconds((probeAt ?? now) - now)} · ${rejected} rejected`;
    case 'half_open':
      return probeUntil === null ? 'next call is the probe' : 'probe under way';
    case 'forced_open':
      return `${toWholeSeconds((until ?? now) - now)} left · ${rejected} rejected`;
    case 'disabled':
      return `all calls pass · ${toWholeSeconds((until ?? now) - now)} left`;
    case 'closed':
      return toRateWords(view, breaker);
  }
}

/** The line under a closed pill: who makes the calls, or that there are none. */
export function toRateWords(view: View, breaker: ShownBreaker): string {
  return toSentWords(view, breaker) ?? `no calls in ${toWholeSeconds(breaker.report.window.windowMs)}`;
}

/** Who makes the calls that are sent: `18.2 customers/s + 220 relay/s`; `null` when nobody does. */
export function toSentWords(view: View, { key, report: { window } }: ShownBreaker): string | null {
  const { customers, relay } = toSentRates(view.lab.samples, key) ?? { customers: 0, relay: 0 };
  if (window.calls === 0 && customers + relay === 0) return null;
  return `${toRate(customers)} customers/s${relay === 0 ? '' : ` + ${toRate(relay)} relay/s`}`;
}

function toLastHeard({ stale, lastDataAt }: View, { service }: ShownBreaker): string {
  const at = stale ? lastDataAt : service.lastHeardAt;
  return at === null ? 'not heard yet' : `last data ${toClock(at)}`;
}

/** The line under the pill of several breakers: `2 closed, 1 open`. */
export function toRouteCounts(view: View, breakers: readonly ShownBreaker[]): string {
  const counts = Map.groupBy(breakers, (breaker) => toShownState(view, breaker));
  return [...counts].map(([state, { length }]) => `${length} ${stateWords[state].toLowerCase()}`).join(', ');
}

/** The counts of several breakers, and what the first of those that are not closed says. */
export function toRouteWords(view: View, breakers: readonly ShownBreaker[]): string {
  const first = breakers.find((breaker) => toShownState(view, breaker) !== 'closed');
  const more = first && `${toPlaceWords(first)} ${toEdgeWords(view, first)}`;
  return [toRouteCounts(view, breakers), more].filter(Boolean).join(' · ');
}

/** The sentence of several breakers: why the first is not closed, else how their calls ended together. */
export function toGroupWhy(view: View, breakers: readonly ShownBreaker[]): string {
  const known = breakers.filter((breaker) => isKnown(view, breaker));
  const first = known.find(({ report }) => report.state !== 'closed');
  if (first !== undefined) return `${toPlaceWords(first)}: ${toWhy(view, first)}`;
  if (known.length < breakers.length) return 'Some of these breakers say nothing now.';
  const calls = known.reduce((sum, { report }) => sum + report.window.calls, 0);
  const failures = known.reduce((sum, { report }) => sum + report.window.failures, 0);
  const span = `in the last ${toWholeSeconds(known[0]?.report.window.windowMs ?? 0)}`;
  return calls === 0 ? `No calls ${span}.` : `${failures} of ${toCount(calls, 'call')} failed ${span}.`;
}

/** Why it is in its state; a breaker behind open ones names those first, since no call can reach it. */
export function toWhy(view: View, breaker: ShownBreaker): string {
  const { report, service } = breaker;
  const place = view.groups.findIndex(({ instances }) => instances.includes(service));
  const above = view.routes.filter(({ breakers }) => {
    const at = view.groups.findIndex(({ instances }) => instances.includes((breakers[0] ?? breaker).service));
    return (
      at < place && breakers.every(({ report: { state } }) => state === 'open' || state === 'forced_open')
    );
  });
  const blocking = above.at(-1);
  if (blocking === undefined || report.state !== 'closed' || report.window.calls > 0) {
    // The big number beside it counts down smoothly; a second one would lag behind.
    return report.cause;
  }
  return `No calls reach this breaker while ${toTitle(blocking.name)} is open.`;
}

/** The share that the gauge shows: what opened it while it is not closed, else the window's. */
export function toGaugeRatio({ report }: ShownBreaker): number {
  const stands = report.state === 'open' || report.state === 'half_open';
  return stands ? (report.openedBecause?.ratio ?? report.window.ratio) : report.window.ratio;
}

/** The first half of the line under the gauge: the share that opened it, where the gauge stands at that. */
export function toShareWords(breaker: ShownBreaker): string {
  const stands = breaker.report.state === 'open' || breaker.report.state === 'half_open';
  return stands ? `${toPercent(toGaugeRatio(breaker))} failed when it opened` : '';
}

/** The second half: `trips above 50%, needs at least 5 calls`. */
export function toThresholdWords({ report }: ShownBreaker): string {
  const { thresholdRatio, minCalls } = report.config;
  return `trips above ${toPercent(thresholdRatio)}, needs at least ${toCount(minCalls, 'call')}`;
}
