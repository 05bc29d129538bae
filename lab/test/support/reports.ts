/** What services say, with fields to change: reports, statuses and events as they come over the wire. */

import type { FaultView } from '@holdfast/shared/faults/fault-events.ts';
import type {
  BreakerReport,
  ServiceStatus,
  Snapshot,
  StreamEntry,
} from '@holdfast/shared/observability/wire.ts';
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { type Outcome, zeroCounts } from '@holdfast/shared/resilience/breaker-state.ts';

/** 12:04:31.508 wherever the test runs, so that clocks in texts are the same everywhere. */
export const noon = new Date(2026, 0, 5, 12, 4, 31, 508).getTime();

const config = { ...breakerDefaults, attemptTimeoutMs: 300 };

/** A closed breaker without calls; `inWindow` are the calls of the newest bucket. */
export function aBreaker(
  changes: Partial<BreakerReport> = {},
  inWindow: Partial<Record<Outcome, number>> = {},
): BreakerReport {
  const counts = { ...zeroCounts(), ...inWindow };
  const failures = counts.failure + counts.timeout;
  const calls = failures + counts.success;
  const buckets = Array.from({ length: 10 }, (_, index) => ({
    startedAt: noon - (9 - index) * 1_000,
    ...(index === 9 ? counts : zeroCounts()),
  }));
  return {
    name: 'order→payment',
    state: 'closed',
    openedAt: null,
    probeAt: null,
    probeUntil: null,
    until: null,
    openedBecause: null,
    failedProbes: 0,
    strained: false,
    since: noon - 60_000,
    window: { windowMs: 10_000, calls, failures, ratio: calls === 0 ? 0 : failures / calls, buckets },
    counts,
    late: 0,
    inFlight: 0,
    rejected: 0,
    latency: { samples: 0, p50: null, p95: null, p99: null },
    lastError: null,
    config,
    generation: 1,
    why: 'No calls in the last 10 s; it opens above 50%, from 5 calls on.',
    cause: 'No calls in the last 10 s; it opens above 50%, from 5 calls on.',
    probeInMs: null,
    opened: 0,
    shadow: null,
    ...changes,
  };
}

/** The breaker of the specification: opened 3.6 s ago, probe in 6.4 s. */
export function anOpenBreaker(changes: Partial<BreakerReport> = {}): BreakerReport {
  const lastError = { code: 'attempt-timeout', message: 'No answer within 300 ms.', at: noon - 3_600 };
  return aBreaker(
    {
      state: 'open',
      openedAt: noon - 3_600,
      since: noon - 3_600,
      probeAt: noon + 6_400,
      probeInMs: 6_400,
      openedBecause: { calls: 5, failures: 3, ratio: 0.6, threshold: 0.5, lastError },
      opened: 2,
      inFlight: 1,
      lastError,
      latency: { samples: 5, p50: 41, p95: 300, p99: 301 },
      why: 'Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer within 300 ms. Next probe in 6.4 s.',
      cause: 'Opened 3.6 s ago after 3 of 5 calls failed (60% > 50%). Last error: No answer within 300 ms.',
      ...changes,
    },
    { success: 2, failure: 1, timeout: 2, rejected: 78 },
  );
}

/** A service that is ready and idle. */
export function aStatus(changes: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    service: 'order',
    instance: 'host:3000',
    at: noon,
    version: '0.1.0',
    startedAt: noon - 60_000,
    ready: true,
    phase: 'serving',
    database: 'ok',
    databaseMs: 2,
    requests: { perSecond: 20.1, active: 3 },
    relay: { pending: 5, oldestMs: 12_300 },
    ledger: null,
    lateWork: 0,
    faults: [],
    breakers: [],
    lately: {},
    ...changes,
  };
}

/** A status as the first message of a stream. */
export function aSnapshot(status: ServiceStatus, history: readonly StreamEntry[] = []): Snapshot {
  return { ...status, lastId: history.at(-1)?.id ?? 'b-0', gap: false, history, documents: [] };
}

/** An error on 60 % of the requests, for another 48 s. */
export function aFault(changes: Partial<FaultView> = {}): FaultView {
  return {
    name: 'flaky',
    type: 'error',
    phase: 'before',
    rate: 0.6,
    status: 503,
    ms: 0,
    jitterMs: 0,
    match: null,
    times: null,
    seed: null,
    seen: 10,
    hits: 6,
    since: noon - 12_000,
    expiresAt: noon + 48_000,
    leftMs: 48_000,
    ...changes,
  };
}

/** Rejections of a second, as the stream tells them. */
export function anEntry(number: number, changes: Partial<StreamEntry> = {}): StreamEntry {
  return {
    id: `b-${number}`,
    service: 'order',
    instance: 'host:3000',
    event: 'rejections',
    name: 'order→payment',
    at: noon - 10_000 + number * 1_000,
    state: 'open',
    count: 14,
    perMs: 1_000,
    total: 14 * number,
    probeAt: noon + 6_400,
    until: null,
    text: `rejected 14 in 1 s · probe in ${10 - number} s`,
    line: `🔌 order→payment  ○ OPEN       rejected 14 in 1 s · probe in ${10 - number} s`,
    ...changes,
  } as StreamEntry;
}
