/** Messages of the lab for the tests of its page: healthy by default, every field open to change. */

import type { BreakerReport, ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { zeroCounts } from '@holdfast/shared/resilience/breaker-state.ts';
import type {
  BreakerSample,
  LabLedger,
  LabSample,
  LabService,
  LabSnapshot,
  LabStatus,
  LabStep,
  ServiceEntry,
} from '../../../server/wire.ts';
import { aBreaker } from '../../support/reports.ts';

/** The chain of the samples. */
export const chain = ['order', 'payment', 'shipment'] as const;

/** The moment of all samples, in milliseconds since 1970. */
export const t0 = 1_700_000_000_000;

/** A closed breaker without calls. */
export function breaker(change: Partial<BreakerReport> = {}): BreakerReport {
  return aBreaker({
    since: t0 - 100_000,
    window: { windowMs: 10_000, calls: 0, failures: 0, ratio: 0, buckets: [] },
    config: { ...breakerDefaults, attemptTimeoutMs: 1_500 },
    ...change,
  });
}

/** What a ready service says of itself; every one but the last has a breaker. */
export function serviceStatus(name: string, change: Partial<ServiceStatus> = {}): ServiceStatus {
  const next = chain[chain.indexOf(name as 'order') + 1];
  const own = `${name}→${next}`;
  const lately = { counts: { ...zeroCounts(), success: 20 }, relay: 0, relayTotal: 0, p50Ms: 5, p99Ms: 9 };
  return {
    service: name,
    instance: `${name}:1`,
    at: t0,
    version: '0.1.0',
    startedAt: t0 - 200_000,
    ready: true,
    phase: 'serving',
    database: 'ok',
    databaseMs: 2,
    requests: { perSecond: 20, active: 1 },
    relay: { pending: 0, oldestMs: 0 },
    ledger: { completed: 40, cancelled: 0, refunded: 0, rejected: 0, pending: 0, dead: 0 },
    lateWork: 0,
    faults: [],
    breakers: next === undefined ? [] : [breaker({ name: own })],
    lately: next === undefined ? {} : { [own]: lately },
    ...change,
  };
}

/** A service that is heard. */
export function service(name: string, change: Partial<LabService> = {}): LabService {
  const url = `http://127.0.0.1:${3000 + chain.indexOf(name as 'order')}`;
  return { name, url, connected: true, lastHeardAt: t0, status: serviceStatus(name), ...change };
}

/** What the lab says four times a second. */
export function labStatus(change: Partial<LabStatus> = {}): LabStatus {
  return {
    at: t0,
    services: chain.map((name) => service(name)),
    ledger: aLedger(),
    tokenNeeded: false,
    traffic: {
      on: false,
      ratePerSecond: 20,
      stopsAt: null,
      sent: 0,
      dropped: 0,
      waiting: 0,
      counts: { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0 },
      p50Ms: null,
      p99Ms: null,
      recent: [],
    },
    ...change,
  };
}

/** The status at a later time, with every service just heard. */
export function labStatusAt(at: number, change: Partial<LabStatus> = {}): LabStatus {
  const base = labStatus(change);
  return {
    ...base,
    at,
    services: base.services.map((one) => (one.connected ? { ...one, lastHeardAt: at } : one)),
  };
}

/** The first message of a stream. */
export function snapshot(change: Partial<LabSnapshot> = {}): LabSnapshot {
  return { ...labStatus(), lastId: 'lab-0', gap: false, history: [], steps: [], ...change };
}

/** A second in which every breaker of the samples was closed, or in another state. */
export function sample(at: number, change: Partial<BreakerSample> | null = {}): LabSample {
  const calls = { ok: 20, failed: 0, rejected: 0, relay: 0, relayTotal: 0, p50Ms: 5, p99Ms: 9, inFlight: 1 };
  const one: BreakerSample = { ...calls, state: 'closed', ...change };
  return {
    at,
    breakers:
      change === null
        ? {}
        : {
            'order/127.0.0.1:3000/order→payment': one,
            'payment/127.0.0.1:3001/payment→shipment': one,
          },
    customers: { completed: 20, pending: 0, refused: 0, failed: 0, unanswered: 0, p50Ms: 9, p99Ms: 20 },
    pending: { order: 0, payment: 0, shipment: 0 },
  };
}

type Transition = ServiceEntry & { readonly event: 'transition' };

/** A breaker that opened. */
export function opened(change: Partial<Transition> = {}): Transition {
  return {
    event: 'transition',
    id: `lab-${change.at ?? t0}`,
    origin: 'payment',
    url: 'http://127.0.0.1:3001',
    service: 'payment',
    instance: 'payment:1',
    name: 'payment→shipment',
    at: t0,
    from: 'closed',
    to: 'open',
    reason: 'threshold',
    because: { calls: 5, failures: 3, ratio: 0.6, threshold: 0.5, lastError: null },
    window: { calls: 5, failures: 3, ratio: 0.6 },
    probeAt: (change.at ?? t0) + 10_000,
    until: null,
    lastError: null,
    rejected: 0,
    lastedMs: 30_000,
    downMs: null,
    probeMs: null,
    failedProbes: 0,
    generation: 1,
    config: { ...breakerDefaults, attemptTimeoutMs: 1_500 },
    why: '3/5 failed (60% > 50%) · probe in 10 s',
    line: '🔌 payment→shipment  ● CLOSED → ○ OPEN       3/5 failed (60% > 50%) · probe in 10 s',
    ...change,
  };
}

/** A step of an order at its front door; with `origin` of another service, of a part of it. */
export function step(change: Partial<LabStep> = {}): LabStep {
  return {
    origin: 'order',
    instance: 'order:1',
    at: t0,
    id: 'o1',
    parent: null,
    step: 'answered',
    by: 'request',
    status: 'completed',
    httpStatus: 200,
    ms: 40,
    next: null,
    reason: null,
    retryAt: null,
    hops: null,
    ...change,
  };
}

/** A ledger in which all is well, audited two seconds ago. */
export function aLedger(change: Partial<LabLedger> = {}): LabLedger {
  return {
    ...{ accepted: 42, completed: 40, cancelled: 2, pending: 0, dead: 0, deadParts: 0 },
    ...{ lost: 0, doubled: 0, disagreement: 0, chargedNotShipped: 0 },
    auditedAt: t0 - 2000,
    wholeAt: t0 - 20_000,
    findings: [],
    notAudited: null,
    ...change,
  };
}
