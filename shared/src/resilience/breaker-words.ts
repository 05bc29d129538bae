/**
 * The texts about breakers: lines for the terminal, sentences for problems and reports. Pure functions.
 *
 * A line is the part after time and service name, at most 110 columns; when it would be longer, the name is cut.
 * Logs, pages and problems use the same texts, so that a sentence can be searched for.
 */

import type {
  BreakerCall,
  BreakerConfigured,
  BreakerRejections,
  BreakerTransition,
} from './breaker-events.ts';
import type { BreakerState, OpenedBecause } from './breaker-state.ts';
import type { BreakerView, StateView } from './breaker-view.ts';
import type { PolicyChanged } from './policy-settings.ts';

/** The maximum width of a line. */
export const maxColumns = 110;

/** The word for a state in lines of text. */
export const stateNames: Readonly<Record<BreakerState, string>> = {
  closed: 'CLOSED',
  open: 'OPEN',
  half_open: 'HALF-OPEN',
  forced_open: 'FORCED-OPEN',
  disabled: 'DISABLED',
};

/** A state with its icon, as every line of text writes it. */
export const stateLabels: Readonly<Record<BreakerState, string>> = {
  closed: `● ${stateNames.closed}`,
  open: `○ ${stateNames.open}`,
  half_open: `◐ ${stateNames.half_open}`,
  forced_open: `○ ${stateNames.forced_open}`,
  disabled: `● ${stateNames.disabled}`,
};

/** The log level of a transition: recovery is `info`, anything else `warn`. */
export function toLevel(event: BreakerTransition): 'info' | 'warn' {
  return event.to === 'closed' || event.to === 'half_open' ? 'info' : 'warn';
}

/** `🔌 front→back  ● CLOSED → ○ OPEN       3/5 failed (60% > 50%) · timeout 300 ms · probe in 10 s` */
export function toTransitionLine(event: BreakerTransition): string {
  const change = `${stateLabels[event.from]} → ${stateLabels[event.to]}`.padEnd(22);
  return toLine(event.name, change, toTransitionReason(event));
}

/** `🔌 front→back  ○ OPEN       rejected 14 in 1 s · probe in 9 s` */
export function toRejectionsLine(event: BreakerRejections): string {
  return toLine(event.name, toLabel(event.state), toRejectionsText(event));
}

/** The last part of that line: `rejected 14 in 1 s · probe in 9 s` */
export function toRejectionsText(event: BreakerRejections): string {
  return [`rejected ${event.count} in ${toShortDuration(event.perMs)}`, ...toNextStep(event)].join(' · ');
}

/** `🔌 front→back  ● CLOSED     minCalls 5 → 10 · window cleared` */
export function toConfiguredLine(event: BreakerConfigured): string {
  return toLine(event.name, toLabel(event.state), toConfiguredText(event));
}

/** The last part of that line: `minCalls 5 → 10 · window cleared` */
export function toConfiguredText({ changed }: BreakerConfigured): string {
  const changes = changed.map(({ setting, from, to }) => `${setting} ${from} → ${to}`);
  return [...changes, 'window cleared'].join(' · ');
}

/** `🔌 front→back: attempts 2 → 3 · budget.ratio 0.2 → 0.5` */
export function toPolicyLine(event: PolicyChanged): string {
  return fit(`🔌 ${event.name}: ${toPolicyText(event)}`);
}

/** The last part of that line: `attempts 2 → 3 · budget.ratio 0.2 → 0.5` */
export function toPolicyText({ changed }: Pick<PolicyChanged, 'changed'>): string {
  return changed.map(({ setting, from, to }) => `${setting} ${from} → ${to}`).join(' · ');
}

/** `🔌 front→back  ● CLOSED     timeout 300 ms · late, decides nothing` */
export function toCallLine(event: BreakerCall): string {
  const sent = event.outcome !== 'rejected' && event.outcome !== 'saturated';
  const ended = sent ? `${event.outcome} ${toMs(event.durationMs)}` : event.outcome;
  const notes = [event.probe && 'probe', event.late && 'late, decides nothing', event.error?.code];
  return toLine(event.name, toLabel(event.state), [ended, ...notes.filter(Boolean)].join(' · '));
}

/** The reason of a transition in words: the last part of its line, and `reason` in a JSON log. */
export function toTransitionReason(event: BreakerTransition): string {
  return [toCause(event), ...toNextStep(event)].join(' · ');
}

/**
 * Why no call passes, in sentences: the `detail` of a problem and the message of a `BreakerOpenError`.
 *
 * `The breaker front→back opened 3.6 s ago after 3 of 5 calls failed. Next try in 6.4 s.`
 */
export function toDetail(view: StateView, now: number): string {
  const breaker = `The breaker ${view.name}`;
  if (view.until !== null) {
    const how = view.state === 'disabled' ? 'is disabled and lets every call pass' : 'is held open by hand';
    return `${breaker} ${how}. It returns to normal in ${toShortDuration(view.until - now)}.`;
  }
  if (view.openedAt === null || view.openedBecause === null) return `${breaker} is closed.`;
  if (view.state === 'half_open' && view.probeUntil === null) {
    return `${breaker} is half-open. The next call is the probe.`;
  }
  if (view.probeUntil !== null) {
    return `${breaker} is half-open and waits for its probe. Next try in ${toShortDuration(view.probeUntil - now)} at most.`;
  }
  const { failures, calls } = view.openedBecause;
  const probe = view.failedProbes === 1 ? 'its probe failed' : `its last ${view.failedProbes} probes failed`;
  const cause = view.failedProbes === 0 ? `${failures} of ${calls} calls failed` : probe;
  const next = view.probeAt === null ? '' : ` Next try in ${toShortDuration(view.probeAt - now)}.`;
  return `${breaker} opened ${toShortDuration(now - view.openedAt)} ago after ${cause}.${next}`;
}

/**
 * The same without relative times: for texts that are stored, where "3.6 s ago" would become wrong.
 *
 * `The breaker front→back is open: 3 of 5 calls failed.`
 */
export function toLastingDetail({ name, until, openedBecause }: StateView): string {
  if (until !== null) return `The breaker ${name} is held open by hand.`;
  if (openedBecause === null) return `The breaker ${name} lets no call pass.`;
  return `The breaker ${name} is open: ${openedBecause.failures} of ${openedBecause.calls} calls failed.`;
}

/**
 * Why a breaker is in its state, closed or not, in sentences.
 *
 * `Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer within 300 ms. Next probe in 6.4 s.`
 */
export function toReportSentence(view: BreakerView, now: number): string {
  const next = view.probeAt === null ? '' : `Next probe in ${toShortDuration(view.probeAt - now)}.`;
  return [toReportCause(view, now), next].filter(Boolean).join(' ');
}

/** The same without the time until the next probe, for a page that counts down itself. */
export function toReportCause(view: BreakerView, now: number): string {
  const { state, window, config } = view;
  if (state === 'closed') {
    const span = `in the last ${toShortDuration(config.windowMs)}`;
    const rule = `opens above ${toPercent(config.thresholdRatio)}, from ${config.minCalls} calls on`;
    if (window.calls === 0) return `No calls ${span}; it ${rule}.`;
    const share = toPercent(window.ratio, 0);
    return `${window.failures} of ${window.calls} calls failed ${span} (${share}); it ${rule}.`;
  }
  if (view.until !== null) {
    const how =
      state === 'disabled' ? 'Disabled by hand: every call passes' : 'Held open by hand: no call passes';
    return `${how}, for ${toShortDuration(view.until - now)} at most.`;
  }
  const sentences = [toOpenedSentence(view, now), toErrorSentence(view), toProbeSentence(view, now)];
  return sentences.filter(Boolean).join(' ');
}

function toOpenedSentence({ openedBecause, openedAt, failedProbes }: BreakerView, now: number): string {
  if (openedBecause === null) return '';
  const ago = openedAt === null ? '' : ` ${toShortDuration(now - openedAt)} ago`;
  const { failures, calls } = openedBecause;
  const cause = `${failures} of ${calls} calls failed (${toExcess(openedBecause)})`;
  if (failedProbes === 0) return `Opened${ago} after ${cause}.`;
  const probes = failedProbes === 1 ? 'a probe' : `${failedProbes} probes`;
  return `Opened again${ago}: first ${cause}, then ${probes} failed.`;
}

function toErrorSentence({ lastError }: BreakerView): string {
  return lastError === null ? '' : `Last error: ${lastError.message.replace(/\.?$/, '.')}`;
}

function toProbeSentence({ probeAt, probeUntil }: BreakerView, now: number): string {
  if (probeAt !== null) return '';
  if (probeUntil === null) return 'The next call is the probe.';
  return `A probe is on its way and must end within ${toShortDuration(probeUntil - now)}.`;
}

function toCause(event: BreakerTransition): string {
  const { because } = event;
  switch (event.reason) {
    case 'threshold':
      return because === null
        ? ''
        : `${because.failures}/${because.calls} failed (${toExcess(because)})${toTimeout(event)}`;
    case 'in-a-row':
      return `last ${because?.calls} calls failed, others well`;
    case 'silent':
      return 'timed out, no sign of life';
    case 'open-time-over':
      return `open ${toFixedDuration(event.lastedMs)} · ${event.rejected} rejected · next call is the probe`;
    case 'probe-ok':
      return `probe ok ${toMs(event.probeMs ?? 0)} · was down ${toFixedDuration(event.downMs ?? 0)}`;
    case 'probe-failed':
      return `probe failed ${toMs(event.probeMs ?? 0)}${event.lastError ? ` (${event.lastError.code})` : ''}`;
    case 'probe-timeout':
      return `probe timed out ${toMs(event.probeMs ?? 0)}`;
    case 'forced':
      return 'forced by hand';
    case 'released':
      return 'released by hand · window cleared';
    case 'expired':
      return `forced state ended after ${toFixedDuration(event.lastedMs)} · window cleared`;
  }
}

function toTimeout({ config: { attemptTimeoutMs } }: BreakerTransition): string {
  return attemptTimeoutMs === null ? '' : ` · timeout ${attemptTimeoutMs} ms`;
}

function toNextStep(event: { at: number; probeAt: number | null; until: number | null }): string[] {
  if (event.probeAt !== null) return [`probe in ${toShortDuration(event.probeAt - event.at)}`];
  return event.until === null ? [] : [`until released, at most ${toShortDuration(event.until - event.at)}`];
}

/** A share above its threshold: `60% > 50%`. */
export function toExcess({ ratio, threshold }: Pick<OpenedBecause, 'ratio' | 'threshold'>): string {
  // One decimal where whole per cents would print a share as not above its threshold ("50% > 50%").
  const digits = Math.round(ratio * 100) > threshold * 100 ? 0 : 1;
  return `${toPercent(ratio, digits)} > ${toPercent(threshold)}`;
}

/** A share of 0 to 1: `60%`, `0.5%`. */
export function toPercent(share: number, digits = 1): string {
  return `${Number((share * 100).toFixed(digits))}%`;
}

/** Exact to a tenth of a second, with a trailing zero: `10.0 s`. */
function toFixedDuration(ms: number): string {
  return ms < 1_000 ? toMs(ms) : `${(ms / 1_000).toFixed(1)} s`;
}

/** Exact to a tenth of a second, without a trailing zero: `10 s`, `6.4 s`, `40 ms`. */
function toShortDuration(ms: number): string {
  const left = Math.max(0, ms);
  return left < 1_000 ? toMs(left) : `${Number((left / 1_000).toFixed(1))} s`;
}

function toMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}

function toLabel(state: BreakerState): string {
  return stateLabels[state].padEnd(11);
}

function toLine(name: string, label: string, text: string): string {
  // The icon is two UTF-16 units and two columns; every other character is one of each.
  const room = maxColumns - ['🔌 ', '  ', label, '  ', text].join('').length;
  return fit(`🔌 ${cutName(name, Math.max(room, 12))}  ${label}  ${text}`);
}

/** Keeps the end of the address, which differs between instances. */
function cutName(name: string, columns: number): string {
  const [route = '', host] = name.split('@');
  const room = columns - `${route}@…`.length;
  if (name.length <= columns || host === undefined || room < 1) return cut(name, columns);
  return `${route}@…${host.slice(-room)}`;
}

function fit(line: string): string {
  return cut(line, maxColumns);
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
