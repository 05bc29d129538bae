/**
 * Makes one sample a second of what the services and the customers did in it.
 *
 * Calls and answers are what the counts have grown by since the last sample, so that samples add up to what the services
 * say, however late one of them is taken.
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

/** Counts that are older belong to more than a second: what was called in it is unknown but for the last second. */
const longestMs = 2500;

interface Counted {
  readonly startedAt: number;
  readonly at: number;
  readonly calls: Calls;
}

type Calls = Pick<BreakerSample, 'ok' | 'failed' | 'rejected' | 'relay'>;

/** Creates the function that answers a sample at the first call in a second, and nothing at the others. */
export function createSampler(): (
  now: number,
  services: readonly SampledService[],
  traffic: () => Pick<TrafficStatus, 'counts' | 'p50Ms' | 'p99Ms'>,
) => LabSample | undefined {
  let lastAt = 0;
  let counted: TrafficStatus['counts'] | undefined;
  let called: ReadonlyMap<string, Counted> = new Map();

  return (now, services, traffic) => {
    const at = Math.floor(now / 1000) * 1000;
    if (at <= lastAt) return undefined;
    lastAt = at;
    const { counts, p50Ms, p99Ms } = traffic();
    const customers = { ...toAnswered(counts, counted), p50Ms, p99Ms };
    counted = counts;
    const heard = toHeard(services, called);
    ({ called } = heard);
    return { at, customers, breakers: heard.breakers, pending: heard.pending };
  };
}

function toHeard(services: readonly SampledService[], before: ReadonlyMap<string, Counted>) {
  const breakers: Record<string, BreakerSample> = {};
  const pending: Record<string, number> = {};
  const called = new Map<string, Counted>();
  let left = maxBreakers;
  for (const service of services) {
    const { name, url } = service;
    const status = service.fresh();
    if (status === null) continue;
    if (status.relay) pending[name] = (pending[name] ?? 0) + status.relay.pending;
    for (const report of (status.breakers ?? []).slice(0, left)) {
      left -= 1;
      const key = toBreakerKey(name, url, report.name);
      const recent = status.lately?.[report.name];
      const { startedAt, at } = status;
      const now = { startedAt, at, calls: toCalls(report.counts, recent?.relayTotal) };
      called.set(key, now);
      breakers[key] = {
        ...toGrowth(now, before.get(key), toCalls(recent?.counts, recent?.relay)),
        p50Ms: recent?.p50Ms ?? null,
        p99Ms: recent?.p99Ms ?? null,
        inFlight: report.inFlight,
        state: service.stateOf(report),
      };
    }
  }
  return { breakers, pending, called };
}

function toCalls(counts: RecentCalls['counts'] | undefined, relay = 0): Calls {
  return {
    ok: counts?.success ?? 0,
    failed: (counts?.failure ?? 0) + (counts?.timeout ?? 0),
    rejected: (counts?.rejected ?? 0) + (counts?.saturated ?? 0),
    relay,
  };
}

/** What was called since the last sample; `lately` is what the service says of its last second. */
function toGrowth({ startedAt, at, calls }: Counted, before: Counted | undefined, lately: Calls): Calls {
  if (before === undefined || before.startedAt !== startedAt || at - before.at > longestMs) return lately;
  const since = (kind: keyof Calls) => calls[kind] - before.calls[kind];
  const grown = {
    ok: since('ok'),
    failed: since('failed'),
    rejected: since('rejected'),
    relay: since('relay'),
  };
  // A breaker that was removed and came back counts from zero.
  return Object.values(grown).some((count) => count < 0) ? lately : grown;
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
