/**
 * The figures of one chain, second by second: answers of customers go to the second in which they were due, what the
 * services count goes to the second in which it was heard.
 */
import type { BreakerReport } from '@holdfast/shared/observability/wire.ts';
import { quantile } from '../measure/statistics.ts';
import type { ArmReport, CallCounts, ComparisonPoint, Noticed, Outage } from '../server/comparison.ts';

/** An answer to one order. */
export interface TalliedAnswer {
  readonly dueMs: number;
  readonly ms: number;
  /** 0 when none came. */
  readonly status: number;
}

/** What the services of a chain say at one moment. */
export interface Observation {
  readonly wasted: number;
  readonly inFlight: number;
  readonly pending: number;
  readonly state: BreakerReport['state'] | null;
}

/** The figures. */
export interface Tally {
  answer(answer: TalliedAnswer): void;
  /** Takes what was observed `atMs` after the first moment. */
  observe(atMs: number, observation: Observation): void;
  report(): Pick<
    ArmReport,
    'points' | 'before' | 'during' | 'after' | 'answers' | 'mostInFlight' | 'mostPending'
  > & { readonly calls: Pick<CallCounts, 'wasted'> };
}

interface Second {
  readonly delays: number[];
  failed: number;
  wasted: number;
  inFlight: number;
  pending: number;
  state: Observation['state'];
}

/** Creates figures without a second. */
export function createTally(outage: Outage): Tally {
  const seconds: Second[] = [];
  const answers: TalliedAnswer[] = [];
  let last: Observation = { wasted: 0, inFlight: 0, pending: 0, state: null };
  let most = { inFlight: 0, pending: 0 };

  return {
    answer(answer) {
      answers.push(answer);
      const second = at(answer.dueMs);
      second.delays.push(answer.ms);
      if (isFailed(answer)) second.failed += 1;
    },
    observe(atMs, observation) {
      const second = at(atMs);
      // A status that is older than what was heard already takes nothing back.
      const wasted = Math.max(last.wasted, observation.wasted);
      second.wasted += wasted - last.wasted;
      second.inFlight = Math.max(second.inFlight, observation.inFlight);
      second.pending = observation.pending;
      second.state = observation.state;
      most = {
        inFlight: Math.max(most.inFlight, observation.inFlight),
        pending: Math.max(most.pending, observation.pending),
      };
      last = { ...observation, wasted };
    },
    report() {
      const counts: Record<string, number> = {};
      for (const { status } of answers) {
        const name = status === 0 ? 'none' : `${status}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      const within = (fromMs: number, toMs: number) =>
        toNoticed(answers.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs));
      return {
        points: seconds.map(toPoint),
        before: within(0, outage.fromMs),
        during: within(outage.fromMs, outage.toMs),
        after: within(outage.toMs, Number.POSITIVE_INFINITY),
        answers: counts,
        calls: { wasted: last.wasted },
        mostInFlight: most.inFlight,
        mostPending: most.pending,
      };
    },
  };

  /** The second of a moment; those that nothing was heard of look like the one before. */
  function at(ms: number): Second {
    const index = Math.max(0, Math.floor(ms / 1000));
    while (seconds.length <= index) {
      const { pending = 0, state = null } = seconds.at(-1) ?? {};
      seconds.push({ delays: [], failed: 0, wasted: 0, inFlight: 0, pending, state });
    }
    return seconds[index] as Second;
  }
}

/** Answers 5xx and none at all; 4xx are the customer's own fault, and none is expected. */
function isFailed({ status }: TalliedAnswer): boolean {
  return status === 0 || status >= 500;
}

function toPoint({ delays, ...rest }: Second, second: number): ComparisonPoint {
  return { second, ...toQuantiles(delays), ...rest };
}

function toNoticed(answers: readonly TalliedAnswer[]): Noticed {
  return {
    orders: answers.length,
    ...toQuantiles(answers.map(({ ms }) => ms)),
    failed: answers.filter(isFailed).length,
  };
}

function toQuantiles(delays: readonly number[]): Pick<Noticed, 'p50Ms' | 'p99Ms'> {
  if (delays.length === 0) return { p50Ms: null, p99Ms: null };
  const sorted = Float64Array.from(delays).sort();
  return { p50Ms: round(quantile(sorted, 0.5)), p99Ms: round(quantile(sorted, 0.99)) };
}

/** Tenths of a millisecond are more than a loopback can mean. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
