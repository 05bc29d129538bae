/**
 * The status of a service in one record: the stream sends it at first and four times a second.
 */

import type { FaultView } from '../faults/fault-events.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Breakers } from './breakers.ts';
import type { Health } from './health.ts';
import type { RecentCallsMemory } from './recent-calls.ts';
import type { RequestMeter } from './request-meter.ts';
import type { Vitals } from './vitals.ts';
import type { ServiceIdentity, ServiceStatus } from './wire.ts';

/** What the status is made of. */
export interface StatusOptions {
  readonly identity: ServiceIdentity;
  readonly version: string;
  readonly health: Pick<Health, 'phase' | 'lateWork'>;
  readonly vitals: Vitals;
  readonly meter: RequestMeter;
  readonly breakers: Breakers;
  readonly recentCalls: RecentCallsMemory;
  readonly faults: { list(): readonly FaultView[] };
  readonly clock: Clock;
}

/** Creates the function that reads the status; it asks the database at most once a second and changes nothing. */
export function createStatus(options: StatusOptions): () => ServiceStatus {
  const { identity, version, health, vitals, meter, breakers, recentCalls, faults, clock } = options;
  const startedAt = Math.round(clock());
  return () => {
    const { readiness, databaseMs, relay, ledger } = vitals.view();
    const phase = health.phase();
    return {
      ...identity,
      at: Math.round(clock()),
      version,
      startedAt,
      ready: phase === 'serving' && readiness?.ready !== false,
      phase,
      database: readiness?.database ?? 'not asked yet',
      databaseMs,
      requests: meter.view(),
      relay,
      ledger,
      lateWork: health.lateWork(),
      faults: faults.list(),
      breakers: breakers.reports(),
      lately: recentCalls.view(),
    };
  };
}
