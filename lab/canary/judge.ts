/**
 * Compares a canary with the stable release: the verdict is bad, good when there are enough calls, else undecided.
 * observe.ts reads the numbers, rollout.ts acts on the verdict.
 *
 * A share is too high when its lower bound (Wilson, 95 %) is: a few failures among few calls decide nothing.
 */
import { countAbove, estimateMs } from './scrape.ts';

/** The numbers of one release of a service during a step. */
export interface ReleaseStats {
  /** Instances that HAProxy sends to. */
  readonly ready: number;
  /** Requests that were sent there and have ended, and those that did not get an answer 1xx to 3xx. */
  readonly calls: number;
  readonly failed: number;
  /** Creates that it answered, and those answered 202: kept, not finished. */
  readonly answered: number;
  readonly pending: number;
  /** Breakers of its instances that opened. */
  readonly opened: number;
  /** Creates by upper bound of their duration in seconds, cumulative. */
  readonly within: ReadonlyMap<number, number>;
}

/** Both releases of one service during a step. */
export interface ServiceSample {
  readonly service: string;
  readonly canary: ReleaseStats;
  readonly stable: ReleaseStats;
  /** Age of the oldest pending document; both releases share the collection. */
  readonly oldestPendingS: number;
}

/** A verdict with its reason. */
export interface Verdict {
  readonly kind: 'good' | 'bad' | 'more';
  readonly why: string;
}

/** The limits; docs/canary.md has the reasons. */
const tolerance = {
  /** Calls that every canary must have had before a step is good. */
  calls: 50,
  /** Failures, answers 202 or slow creates that are always tolerated. */
  accidents: 2,
  /** Calls that the stable release must have had before the canary is compared with it. */
  compared: 10,
  /** By how much the share of failures may be above the stable one's. */
  failedRatio: 0.02,
  /** By how much the share of answers 202 may be above the stable one's. */
  pendingRatio: 0.05,
  /** Creates that a 99th percentile needs: with fewer it is the maximum. */
  timed: 100,
  /**
   * One create of a hundred may take longer than this multiple of the stable p99, or this many milliseconds more,
   * whichever is longer.
   */
  p99Times: 2,
  p99AboveMs: 100,
  /** No document may be pending for longer than two open periods of a breaker and their probes take. */
  oldestPendingS: 30,
} as const;

/**
 * Compares all services in one step; the first bad one decides.
 *
 * `reference` are the last samples in which the stable releases had enough calls: at 100 % they have none of their own.
 */
export function judgeStep(
  samples: readonly ServiceSample[],
  reference: readonly ServiceSample[] = samples,
): Verdict {
  const pairs = samples.map(({ service, canary, stable: here, oldestPendingS }): ServiceSample => {
    const earlier = reference.find((sample) => sample.service === service)?.stable ?? here;
    const stable = here.calls >= tolerance.calls ? here : { ...earlier, opened: here.opened };
    return { service, canary, stable, oldestPendingS };
  });
  for (const pair of pairs) {
    const why = findFault(pair);
    if (why !== undefined) return { kind: 'bad', why };
  }
  const few = samples.filter(({ canary }) => canary.calls < tolerance.calls);
  if (few.length === 0) return { kind: 'good', why: toPraise(pairs) };
  const seen = few.map(({ service, canary }) => `${canary.calls} at ${service}`).join(', ');
  return { kind: 'more', why: `Too few calls at the canary to judge: ${seen}, of ${tolerance.calls}.` };
}

/** The first violated limit of a canary, in a sentence. */
function findFault({ service, canary, stable, oldestPendingS }: ServiceSample): string | undefined {
  if (canary.ready === 0) return `HAProxy sends nothing to the canary of ${service}: none is ready.`;

  const failed = compare([canary.failed, canary.calls], [stable.failed, stable.calls], tolerance.failedRatio);
  if (failed !== undefined) return `At the canary of ${service} calls failed: ${failed}.`;

  if (canary.opened + stable.opened > 0)
    return `Breakers of ${service} opened, ${canary.opened} times at the canary, ${stable.opened} times at stable.`;

  const [left, usual] = [canary, stable].map(
    ({ pending, answered }) => [pending, answered] as const,
  ) as Shares;
  const pending = compare(left, usual, tolerance.pendingRatio);
  if (pending !== undefined) return `The canary of ${service} left documents pending: ${pending}.`;

  if (oldestPendingS > tolerance.oldestPendingS)
    return `A document of ${service} has been pending for ${oldestPendingS.toFixed(0)} s, ${tolerance.oldestPendingS} s are tolerated.`;

  return findSlowness(service, canary, stable);
}

type Shares = [readonly [number, number], readonly [number, number]];

/** Describes two shares when the canary's is above the limit. */
function compare(...[canary, stable, tolerated]: [...Shares, number]): string | undefined {
  if (canary[0] <= tolerance.accidents || stable[1] < tolerance.compared) return undefined;
  const usual = stable[0] / stable[1];
  if (lowerBound(...canary) <= usual + tolerated) return undefined;
  return `${toShare(canary)}, at stable ${toShare(stable)}; ${tolerated * 100} percentage points more are tolerated`;
}

function findSlowness(service: string, canary: ReleaseStats, stable: ReleaseStats): string | undefined {
  const usualMs = estimateMs(stable.within, 0.99);
  if (usualMs === undefined || stable.answered < tolerance.timed) return undefined;
  const limitMs = Math.max(usualMs * tolerance.p99Times, usualMs + tolerance.p99AboveMs);
  const slow = countAbove(canary.within, limitMs);
  if (slow <= tolerance.accidents || lowerBound(slow, canary.answered) <= 0.01) return undefined;
  return (
    `The canary of ${service} is slow: ${toShare([slow, canary.answered])} took longer than ${toMs(limitMs)}, its p99 is ` +
    `${toMs(estimateMs(canary.within, 0.99))}, the stable one's ${toMs(usualMs)}.`
  );
}

/** The lower bound of `part` of `whole` with 95 % confidence (Wilson's score interval, one side). */
function lowerBound(part: number, whole: number): number {
  if (whole === 0) return 0;
  const z = 1.645;
  const share = Math.min(1, part / whole);
  const middle = share + z ** 2 / (2 * whole);
  const spread = z * Math.sqrt((share * (1 - share)) / whole + z ** 2 / (4 * whole ** 2));
  return (middle - spread) / (1 + z ** 2 / whole);
}

function toPraise(pairs: readonly ServiceSample[]): string {
  const sum = (release: 'canary' | 'stable', key: 'failed' | 'calls' | 'pending') =>
    pairs.reduce((total, pair) => total + pair[release][key], 0);
  const p99 = pairs.map(({ service, canary, stable }) => {
    if (Math.min(canary.answered, stable.answered) < tolerance.timed) return `${service} not known yet`;
    return `${service} ${toMs(estimateMs(canary.within, 0.99))} (stable ${toMs(estimateMs(stable.within, 0.99))})`;
  });
  return (
    `At the canaries ${sum('canary', 'failed')} of ${sum('canary', 'calls')} calls failed, at stable ` +
    `${sum('stable', 'failed')} of ${sum('stable', 'calls')}; pending were left ${sum('canary', 'pending')} and ` +
    `${sum('stable', 'pending')}; no breaker opened; p99 ${p99.join(', ')}.`
  );
}

function toShare([part, whole]: readonly [number, number]): string {
  return `${part} of ${whole} (${toPercent(whole === 0 ? 0 : part / whole)})`;
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function toMs(ms: number | undefined): string {
  return ms === undefined ? 'unknown' : `${ms.toFixed(0)} ms`;
}
