/**
 * Makes one sample a second of what the services and the customers did in it.
 *
 * Pure but for the counts of the last sample, from which the customers' answers are counted.
 */
import type { RecentCalls, ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { toBreakerKey } from './breaker-key.ts';
import type { BreakerSample, CustomersSample, LabSample, TrafficStatus } from './wire.ts';

/** One instance, as far as a sample needs it. */
export interface SampledService {
  readonly name: string;
  readonly url: string;
  fresh(): ServiceStatus | null;
  stateOf(breaker: { readonly name: string; readonly state: BreakerState }): BreakerState;
}

/** Breakers in a sample; with instances that come and go there is no other bound. */
const maxBreakers = 100;

/** Creates the function that answers a sample at the first call in a second, and nothing at the others. */
export function createSampler(): (
  now: number,
  services: readonly SampledService[],
  traffic: () => Pick<TrafficStatus, 'counts' | 'p50Ms' | 'p99Ms'>,
) => LabSample | undefined {
  let lastAt = 0;
  let counted: TrafficStatus['counts'] | undefined;

  return (now, services, traffic) => {
    const at = Math.floor(now / 1000) * 1000;
    if (at <= lastAt) return undefined;
    lastAt = at;
    const { counts, p50Ms, p99Ms } = traffic();
    const customers = { ...toAnswered(counts, counted), p50Ms, p99Ms };
    counted = counts;
    return { at, customers, ...toHeard(services) };
  };
}

function toHeard(services: readonly SampledService[]): Pick<LabSample, 'breakers' | 'pending'> {
  const breakers: Record<string, BreakerSample> = {};
  const pending: Record<string, number> = {};
  let left = maxBreakers;
  for (const service of services) {
    const { name, url } = service;
    const status = service.fresh();
    if (status === null) continue;
    if (status.relay) pending[name] = (pending[name] ?? 0) + status.relay.pending;
    for (const report of (status.breakers ?? []).slice(0, left)) {
      left -= 1;
      breakers[toBreakerKey(name, url, report.name)] = toBreakerSample(
        status.lately?.[report.name],
        report.inFlight,
        service.stateOf(report),
      );
    }
  }
  return { breakers, pending };
}

/** A breaker without a call in the last second is heard all the same. */
function toBreakerSample(
  recent: RecentCalls | undefined,
  inFlight: number,
  state: BreakerState,
): BreakerSample {
  const counts = recent?.counts;
  return {
    ok: counts?.success ?? 0,
    failed: (counts?.failure ?? 0) + (counts?.timeout ?? 0),
    rejected: (counts?.rejected ?? 0) + (counts?.saturated ?? 0),
    relay: recent?.relay ?? 0,
    p50Ms: recent?.p50Ms ?? null,
    p99Ms: recent?.p99Ms ?? null,
    inFlight,
    state,
  };
}

/** Counts that are smaller than before began again at zero. */
function toAnswered(
  counts: TrafficStatus['counts'],
  before: TrafficStatus['counts'] | undefined,
): Omit<CustomersSample, 'p50Ms' | 'p99Ms'> {
  const kinds = ['completed', 'pending', 'refused', 'failed', 'unanswered'] as const;
  const began = before !== undefined && kinds.some((kind) => counts[kind] < before[kind]);
  const since = (kind: (typeof kinds)[number]) => counts[kind] - (began ? 0 : (before?.[kind] ?? 0));
  return {
    completed: since('completed'),
    pending: since('pending'),
    refused: since('refused'),
    failed: since('failed'),
    unanswered: since('unanswered'),
  };
}
