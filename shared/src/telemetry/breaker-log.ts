/**
 * Writes what breakers do into the log, in the words of breaker-words.ts.
 *
 * Opening is a warning, every other transition information, rejections one line a second, single calls debug. A JSON
 * line carries the numbers too, so that nobody has to read them out of the sentence.
 */
import {
  toCallLine,
  toConfiguredLine,
  toLevel,
  toRejectionsLine,
  toTransitionLine,
  toWhy,
} from './breaker-words.ts';
import type { BreakerTransition, Events } from './events.ts';
import type { Log } from './log.ts';
import { scopeFields } from './scope.ts';

/** Subscribes a log to the events of breakers. */
export function logBreakers(events: Events, log: Log): void {
  events.on('transition', (event) => {
    const cause = isByCall(event) ? scopeFields() : {};
    log[toLevel(event)](
      { event: 'transition', breaker: toBreaker(event), ...cause },
      toTransitionLine(event),
    );
  });
  events.on('rejections', (event) => {
    log.info({ event: 'rejections', breaker: event }, toRejectionsLine(event));
  });
  events.on('configured', (event) => {
    log.info({ event: 'configured', breaker: event }, toConfiguredLine(event));
  });
  events.on('call', (event) => {
    if (log.isLevelEnabled('debug')) {
      log.debug({ event: 'call', breaker: event, ...scopeFields() }, toCallLine(event));
    }
  });
}

/** A timer runs in the scope of the call that set it, long after that call: it must not be named as the cause. */
function isByCall({ reason }: BreakerTransition): boolean {
  return reason === 'threshold' || reason === 'in-a-row' || reason.startsWith('probe-');
}

function toBreaker(event: BreakerTransition): object {
  const { at, probeAt, until, ...rest } = event;
  return {
    ...rest,
    reason: toWhy(event),
    code: event.reason,
    at: toTime(at),
    probeAt: toTime(probeAt),
    until: toTime(until),
  };
}

function toTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
