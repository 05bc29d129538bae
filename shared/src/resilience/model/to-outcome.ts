/**
 * Turns what was recorded of a run into its measures; pure, and the same for a simulation and for real processes.
 *
 * A call belongs to the second in which it was due, an attempt to the one in which it was sent.
 */
import type { RunOutcome, RunSecond, RunTransition } from './outcome.ts';
import type { Scenario, ScenarioFault } from './scenario.ts';

/** One call of a customer; times are milliseconds from the beginning of the run. */
export interface CallRecord {
  readonly dueMs: number;
  readonly endMs: number;
  /** `rejected`: it failed and no attempt was sent. */
  readonly ended: 'good' | 'failed' | 'rejected';
}

/** One attempt that was sent. */
export interface AttemptRecord {
  readonly sentMs: number;
  /** Whether it brought an answer that the caller could use. */
  readonly isGood: boolean;
}

/** All that was recorded; every list in any sequence, but the transitions, which are sorted by time. */
export interface RunRecords {
  readonly calls: readonly CallRecord[];
  readonly attempts: readonly AttemptRecord[];
  readonly transitions: readonly RunTransition[];
  /** Whether the policy has a breaker: without one its state is `null`. */
  readonly hasBreaker: boolean;
}

/** Seconds in a row that must be good. */
const recoveredSeconds = 5;
/** Of the share of good calls before. */
const recoveredRatio = 0.95;

/** The measures of a run of `scenario`. A run without a fault has recovered after 0 ms. */
export function toRunOutcome(
  { calls, attempts, transitions, hasBreaker }: RunRecords,
  { seconds, faults }: Pick<Scenario, 'seconds' | 'faults'>,
): RunOutcome {
  const lastEndMs = calls.reduce((last, { endMs }) => Math.max(last, endMs), 0);
  const tallies = Array.from({ length: Math.max(Math.ceil(seconds), Math.ceil(lastEndMs / 1000)) }, newTally);
  const tallyAt = (ms: number) => tallies[Math.min(tallies.length - 1, Math.max(0, Math.floor(ms / 1000)))];
  const latencies: number[] = [];
  let rejectedWhileWell = 0;
  for (const { dueMs, endMs, ended } of calls) {
    const tally = tallyAt(dueMs);
    if (tally === undefined) continue;
    tally.calls += 1;
    tally[ended] += 1;
    if (ended === 'good') {
      latencies.push(endMs - dueMs);
      tally.latencies.push(endMs - dueMs);
    }
    if (ended === 'rejected' && !faults.some((fault) => isDuring(fault, dueMs))) rejectedWhileWell += 1;
    // In flight at the end of its own second, and of each further one that ends before it does.
    for (let second = Math.floor(dueMs / 1000); (second + 1) * 1000 < endMs; second += 1) {
      const passed = tallies[second];
      if (passed !== undefined) passed.inFlight += 1;
    }
  }
  for (const { sentMs } of attempts) {
    const tally = tallyAt(sentMs);
    if (tally !== undefined) tally.sent += 1;
  }

  const firstFaultMs = Math.min(...faults.map(({ fromMs }) => fromMs));
  const openings = transitions.filter(({ from, to }) => from === 'closed' && to === 'open');
  const opening = openings.find(({ atMs }) => atMs >= firstFaultMs);
  latencies.sort(ascending);
  const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0);
  const rejected = sum((tally) => tally.rejected);
  return {
    calls: calls.length,
    good: sum(({ good }) => good),
    failed: sum(({ failed }) => failed) + rejected,
    rejected,
    rejectedWhileWell,
    sent: attempts.length,
    wasted: attempts.filter(({ isGood }) => !isGood).length,
    amplification: calls.length === 0 ? 0 : attempts.length / calls.length,
    p50Ms: quantileOf(latencies, 0.5),
    p99Ms: quantileOf(latencies, 0.99),
    goodputBefore: toGoodputBefore(calls, firstFaultMs),
    recoveredAfterMs: toRecoveredAfterMs(tallies, faults, seconds, toShareBefore(calls, firstFaultMs)),
    opened: openings.length,
    openedAfterMs: opening === undefined ? null : opening.atMs - firstFaultMs,
    transitions,
    perSecond: toSeconds(tallies, hasBreaker ? transitions.filter(({ instance }) => instance === 0) : null),
  };
}

interface Tally {
  calls: number;
  good: number;
  failed: number;
  rejected: number;
  sent: number;
  inFlight: number;
  readonly latencies: number[];
}

function newTally(): Tally {
  return { calls: 0, good: 0, failed: 0, rejected: 0, sent: 0, inFlight: 0, latencies: [] };
}

function isDuring({ fromMs, forMs }: ScenarioFault, atMs: number): boolean {
  return atMs >= fromMs && atMs < fromMs + forMs;
}

function toGoodputBefore(calls: readonly CallRecord[], firstFaultMs: number): number | null {
  if (!Number.isFinite(firstFaultMs) || firstFaultMs <= 0) return null;
  const good = calls.filter(({ dueMs, ended }) => dueMs < firstFaultMs && ended === 'good');
  return good.length / (firstFaultMs / 1000);
}

/** 1 where there were no calls before the first fault. */
function toShareBefore(calls: readonly CallRecord[], firstFaultMs: number): number {
  const before = calls.filter(({ dueMs }) => dueMs < firstFaultMs);
  if (before.length === 0) return 1;
  return before.filter(({ ended }) => ended === 'good').length / before.length;
}

/** Shares are compared, not counts: calls that come at random differ in number from second to second. */
function toRecoveredAfterMs(
  tallies: readonly Tally[],
  faults: readonly ScenarioFault[],
  seconds: number,
  shareBefore: number,
): number | null {
  if (faults.length === 0) return 0;
  const healedMs = Math.max(...faults.map(({ fromMs, forMs }) => fromMs + forMs));
  const isWell = ({ calls, good }: Tally) => good >= calls * shareBefore * recoveredRatio;
  for (let first = Math.ceil(healedMs / 1000); first + recoveredSeconds <= seconds; first += 1)
    if (tallies.slice(first, first + recoveredSeconds).every(isWell)) return first * 1000 - healedMs;
  return null;
}

function toSeconds(tallies: readonly Tally[], transitions: readonly RunTransition[] | null): RunSecond[] {
  let state: RunSecond['state'] = transitions === null ? null : 'closed';
  let next = 0;
  return tallies.map((tally, second) => {
    for (;;) {
      const transition = transitions?.[next];
      if (transition === undefined || transition.atMs >= (second + 1) * 1000) break;
      state = transition.to;
      next += 1;
    }
    const { calls, good, failed, rejected, sent, inFlight } = tally;
    const latencies = tally.latencies.sort(ascending);
    return {
      ...{ calls, good, failed: failed + rejected, rejected, sent },
      ...{ p50Ms: quantileOf(latencies, 0.5), p99Ms: quantileOf(latencies, 0.99), inFlight, state },
    };
  });
}

/** Nearest rank. */
function quantileOf(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? null;
}

function ascending(a: number, b: number): number {
  return a - b;
}
