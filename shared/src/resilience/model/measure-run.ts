/**
 * Makes the measures of a run from what happened to its calls, whether in virtual time or on real processes.
 */
import type { BreakerState } from '../breaker-state.ts';
import type { RunOutcome, RunSecond, RunTransition } from './outcome.ts';
import type { ScenarioFault } from './scenario.ts';

/** What became of one call of a customer; times from the beginning of the run. */
export interface CallRecord {
  readonly dueMs: number;
  readonly endMs: number;
  /** `rejected`: by the caller's own side without any attempt that failed. */
  readonly end: 'good' | 'failed' | 'rejected';
}

/** What happened in a run. */
export interface RunRecord {
  /** How long calls came. */
  readonly seconds: number;
  readonly faults: readonly Pick<ScenarioFault, 'fromMs' | 'forMs'>[];
  readonly calls: readonly CallRecord[];
  /** The moment in which each attempt was sent. */
  readonly sentAtMs: readonly number[];
  /** Attempts that brought nothing. */
  readonly wasted: number;
  /** In the sequence in which they happened. */
  readonly transitions: readonly RunTransition[];
  /** Without one no second has a state. @default true */
  readonly hasBreaker?: boolean;
}

/** Seconds in a row that must be as good as before. */
const recoveredSeconds = 5;
/** Share of the goodput before that counts as recovered. */
const recoveredRatio = 0.95;

/** Measures a run. */
export function measureRun(run: RunRecord): RunOutcome {
  const { calls, sentAtMs, transitions } = run;
  const good = calls.filter(({ end }) => end === 'good');
  const rejected = calls.filter(({ end }) => end === 'rejected');
  const latencies = toLatencies(good);
  const perSecond = toSeconds(run);
  const faultFromMs = Math.min(...run.faults.map(({ fromMs }) => fromMs));
  const before = calls.filter(({ dueMs }) => dueMs < faultFromMs);
  const goodBefore = before.filter(({ end }) => end === 'good').length;
  const openings = transitions.filter(({ from, to }) => from === 'closed' && to === 'open');
  const opening = openings.find(({ atMs }) => atMs >= faultFromMs);
  const beforeMs = Math.min(faultFromMs, run.seconds * 1000);
  return {
    calls: calls.length,
    good: good.length,
    failed: calls.length - good.length,
    rejected: rejected.length,
    rejectedWhileWell: rejected.filter(({ dueMs }) => !hasFault(run.faults, dueMs)).length,
    sent: sentAtMs.length,
    wasted: run.wasted,
    amplification: calls.length === 0 ? 0 : sentAtMs.length / calls.length,
    p50Ms: toQuantile(latencies, 0.5),
    p99Ms: toQuantile(latencies, 0.99),
    goodputBefore: beforeMs > 0 ? (goodBefore * 1000) / beforeMs : null,
    recoveredAfterMs: toRecoveredAfterMs(run, perSecond, before.length > 0 ? goodBefore / before.length : 1),
    opened: openings.length,
    openedAfterMs: opening === undefined ? null : opening.atMs - faultFromMs,
    transitions,
    perSecond,
  };
}

function hasFault(faults: RunRecord['faults'], atMs: number): boolean {
  return faults.some(({ fromMs, forMs }) => atMs >= fromMs && atMs < fromMs + forMs);
}

/** By share of calls, not by number: a quiet second is no worse than a busy one. */
function toRecoveredAfterMs({ faults, seconds }: RunRecord, perSecond: readonly RunSecond[], before: number) {
  if (faults.length === 0) return 0;
  const faultEndMs = Math.max(...faults.map(({ fromMs, forMs }) => fromMs + forMs));
  let inARow = 0;
  for (let second = Math.ceil(faultEndMs / 1000); second < Math.floor(seconds); second += 1) {
    const { calls = 0, good = 0 } = perSecond[second] ?? {};
    inARow = good >= calls * before * recoveredRatio ? inARow + 1 : 0;
    if (inARow === recoveredSeconds) return (second + 1 - recoveredSeconds) * 1000 - faultEndMs;
  }
  return null;
}

function toSeconds({ seconds, calls, sentAtMs, transitions, hasBreaker = true }: RunRecord): RunSecond[] {
  const lastEndMs = calls.reduce((last, { endMs }) => Math.max(last, endMs), 0);
  const length = Math.max(Math.ceil(seconds), Math.ceil(lastEndMs / 1000));
  const rows = Array.from({ length }, () => ({
    calls: 0,
    good: 0,
    failed: 0,
    rejected: 0,
    sent: 0,
    ended: 0,
    latencies: [] as number[],
  }));
  const at = (ms: number) => rows[Math.min(length - 1, Math.floor(ms / 1000))];
  for (const { dueMs, endMs, end } of calls) {
    const row = at(dueMs);
    const last = at(endMs);
    if (row === undefined || last === undefined) continue;
    row.calls += 1;
    last.ended += 1;
    if (end === 'good') {
      row.good += 1;
      row.latencies.push(endMs - dueMs);
    } else row.failed += 1;
    if (end === 'rejected') row.rejected += 1;
  }
  for (const ms of sentAtMs) {
    const row = at(ms);
    if (row !== undefined) row.sent += 1;
  }
  const states = hasBreaker ? toStates(transitions, length) : [];
  let inFlight = 0;
  return rows.map(({ ended, latencies, ...row }, second) => {
    inFlight += row.calls - ended;
    const sorted = Float64Array.from(latencies).sort();
    const [p50Ms, p99Ms] = [toQuantile(sorted, 0.5), toQuantile(sorted, 0.99)];
    return { ...row, p50Ms, p99Ms, inFlight, state: states[second] ?? null };
  });
}

/** The state of the first instance at the end of each second. */
function toStates(transitions: readonly RunTransition[], length: number): BreakerState[] {
  const own = transitions.filter(({ instance }) => instance === 0);
  let state: BreakerState = 'closed';
  let next = 0;
  return Array.from({ length }, (_, second) => {
    for (; (own[next]?.atMs ?? Number.POSITIVE_INFINITY) < (second + 1) * 1000; next += 1)
      state = own[next]?.to ?? state;
    return state;
  });
}

function toLatencies(calls: readonly CallRecord[]): Float64Array {
  const latencies = new Float64Array(calls.length);
  for (const [index, { dueMs, endMs }] of calls.entries()) latencies[index] = endMs - dueMs;
  return latencies.sort();
}

function toQuantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? null;
}
