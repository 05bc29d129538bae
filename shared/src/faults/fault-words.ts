/**
 * The texts about faults for the terminal, the stream and the page. Pure functions.
 */
import type { FaultChange, FaultView } from './fault-events.ts';

/** `⚡ fault on: flaky, 60% errors 503 before the save, for 60 s` */
export function toFaultLine(change: FaultChange): string {
  return `⚡ ${toFaultText(change)}`;
}

/** The same without the sign in front. */
export function toFaultText({ change, reason, fault }: FaultChange): string {
  if (change !== 'off') {
    // The requested time, not the remaining one.
    const long =
      fault.expiresAt === null
        ? 'until the end of the process'
        : `for ${toSeconds(fault.expiresAt - fault.since)}`;
    return `fault ${change === 'on' ? 'on' : 'changed'}: ${fault.name}, ${toFaultWords(fault)}, ${long}`;
  }
  const how = { deleted: 'stopped by hand', expired: 'its time is over', 'used-up': 'all its hits are made' };
  const hits = `${toCount(fault.hits, 'hit')} in ${toCount(fault.seen, 'request')}`;
  return `fault off: ${fault.name}, ${reason === null ? 'over' : how[reason]} · ${hits}`;
}

/** What a fault does, in a few words: `60% errors 503 before the save`. */
export function toFaultWords({ type, rate, status, ms, jitterMs, phase, match, times }: FaultView): string {
  if (type === 'unready') return 'unready';
  const what = {
    error: `errors ${status}`,
    latency: `delays of ${ms} ms${jitterMs > 0 ? ` ± ${jitterMs}` : ''}`,
    hang: 'requests without an answer',
    reset: 'dropped connections',
    crash: 'crashes',
  }[type];
  const which = match === null ? '' : ` for ${match}`;
  const often = times === null ? '' : `, ${toCount(times, 'time')} at most`;
  return `${Math.round(rate * 100)}% ${what} ${phase} the save${which}${often}`;
}

function toCount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function toSeconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
