/**
 * Writes the events of breakers into the log, in the words of breaker-words.ts.
 *
 * Opening is a warning, any other transition information, a single call debug; rejections are one line a second, and so
 * are repeated changes by hand. A JSON line has the numbers as fields too.
 */

import type { BreakerTransition } from '../resilience/breaker-events.ts';
import {
  toCallLine,
  toConfiguredLine,
  toLevel,
  toPolicyLine,
  toRejectionsLine,
  toTransitionLine,
  toTransitionReason,
} from '../resilience/breaker-words.ts';
import type { Events } from './events.ts';
import { limitLog } from './limited-log.ts';
import type { Log } from './log.ts';
import { scopeFields } from './scope.ts';

/** Subscribes a log to the events of breakers. */
export function logBreakers(events: Events, log: Log): void {
  const writeByHand = limitLog(log);
  events.on('transition', (event) => {
    const scope = isByCall(event) ? scopeFields() : {};
    const fields = { event: 'transition', breaker: toBreaker(event), ...scope };
    const [level, message] = [toLevel(event), toTransitionLine(event)];
    if (!isByHand(event)) log[level](fields, message);
    else writeByHand({ cause: `${event.reason} ${event.name} ${event.to}`, level, fields, message });
  });
  events.on('rejections', (event) => {
    log.info({ event: 'rejections', breaker: event }, toRejectionsLine(event));
  });
  events.on('configured', (event) => {
    const fields = { event: 'configured', breaker: event };
    writeByHand({
      cause: `configured ${event.name}`,
      level: 'info',
      fields,
      message: toConfiguredLine(event),
    });
  });
  events.on('policy', (event) => {
    const fields = { event: 'policy', policy: event };
    writeByHand({ cause: `policy ${event.name}`, level: 'info', fields, message: toPolicyLine(event) });
  });
  events.on('call', (event) => {
    if (log.isLevelEnabled('debug')) {
      log.debug({ event: 'call', breaker: event, ...scopeFields() }, toCallLine(event));
    }
  });
}

/** A timer runs in the scope of the call that set it, but that call did not cause what the timer does. */
function isByCall({ reason }: BreakerTransition): boolean {
  return reason === 'threshold' || reason === 'in-a-row' || reason.startsWith('probe-');
}

function isByHand({ reason }: BreakerTransition): boolean {
  return reason === 'forced' || reason === 'released';
}

function toBreaker(event: BreakerTransition): object {
  const { at, probeAt, until, ...rest } = event;
  return {
    ...rest,
    reason: toTransitionReason(event),
    code: event.reason,
    at: toTime(at),
    probeAt: toTime(probeAt),
    until: toTime(until),
  };
}

function toTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
