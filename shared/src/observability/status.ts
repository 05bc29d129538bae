/**
 * How a service is, in one record: what the stream shows at first and four times a second.
 */

import type { FaultView } from '../faults/fault-events.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Breakers } from './breakers.ts';
import type { LatelyMemory } from './lately.ts';
import type { Probes } from './probes.ts';
import type { RequestMeter } from './request-meter.ts';
import type { Vitals } from './vitals.ts';
import type { ServiceStatus, Speaker } from './wire.ts';

/** What is looked at. */
export interface StatusParts {
  readonly speaker: Speaker;
  readonly version: string;
  readonly probes: Pick<Probes, 'phase' | 'lateWork'>;
  readonly vitals: Vitals;
  readonly meter: RequestMeter;
  readonly breakers: Breakers;
  readonly lately: LatelyMemory;
  readonly faults: { list(): readonly FaultView[] };
  readonly clock: Clock;
}

/** Creates the look; looking changes nothing but asks the database once a second at most. */
export function createStatus(parts: StatusParts): () => ServiceStatus {
  const { speaker, version, probes, vitals, meter, breakers, lately, faults, clock } = parts;
  const startedAt = Math.round(clock());
  return () => {
    const { readiness, databaseMs, relay } = vitals.view();
    const phase = probes.phase();
    return {
      ...speaker,
      at: Math.round(clock()),
      version,
      startedAt,
      ready: phase === 'serving' && readiness?.ready !== false,
      phase,
      database: readiness?.database ?? 'not asked yet',
      databaseMs,
      requests: meter.view(),
      relay,
      lateWork: probes.lateWork(),
      faults: faults.list(),
      breakers: breakers.reports(),
      lately: lately.view(),
    };
  };
}
