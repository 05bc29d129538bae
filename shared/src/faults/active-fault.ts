/**
 * One active fault: which requests it matches, its counters, and its view. faults.ts decides when it ends.
 */
import type { FaultView } from './fault-events.ts';
import { faultDelayMs } from './fault-ranges.ts';
import type { FaultSpec } from './fault-schema.ts';
import { toFaultWords } from './fault-words.ts';
import { createMatcher } from './glob.ts';
import { createSeeded } from './seeded.ts';

/** An active fault. */
export interface ActiveFault {
  readonly name: string;
  readonly spec: FaultSpec;
  readonly since: number;
  readonly expiresAt: number | null;
  readonly matches: (id: string | undefined) => boolean;
  readonly random: () => number;
  /** The detail in answers; generated from the fault when absent. */
  readonly detail: string | undefined;
  /** Aborted when the requests that it holds are released. */
  readonly over: AbortController;
  timer: NodeJS.Timeout | undefined;
  seen: number;
  hits: number;
}

/** The fault of `INJECT_ERR=1`. */
export const injectErr: { readonly name: string; readonly spec: FaultSpec; readonly detail: string } = {
  name: 'inject-err',
  spec: {
    type: 'error',
    phase: 'after',
    rate: 0.4,
    status: 502,
    ms: faultDelayMs.fallback,
    jitterMs: 0,
    match: null,
    times: null,
    seed: null,
    ttlMs: null,
  },
  detail: 'INJECT_ERR=1 fails 40 % of the requests after they were saved. This was one of them.',
};

/** Creates a fault without hits; `random` is used when it has no seed. */
export function createActiveFault({
  name,
  spec,
  since,
  random,
  detail,
}: Pick<ActiveFault, 'name' | 'spec' | 'since' | 'random' | 'detail'>): ActiveFault {
  return {
    name,
    spec,
    since,
    expiresAt: spec.ttlMs === null ? null : since + spec.ttlMs,
    matches: createMatcher(spec.match),
    random: spec.seed === null ? random : createSeeded(spec.seed),
    detail,
    over: new AbortController(),
    timer: undefined,
    seen: 0,
    hits: 0,
  };
}

/** The delay of one hit of a `latency` in milliseconds, with jitter; at least 0. */
export function toDelayMs({ spec, random }: ActiveFault): number {
  if (spec.jitterMs === 0) return spec.ms;
  return Math.max(0, spec.ms + Math.round((2 * random() - 1) * spec.jitterMs));
}

/** The view of a fault at `now`. */
export function toFaultView(
  { name, spec, since, expiresAt, seen, hits }: ActiveFault,
  now: number,
): FaultView {
  const { ttlMs: _, type, ...rest } = spec;
  const leftMs = expiresAt === null ? null : Math.max(0, Math.round(expiresAt - now));
  return { name, type, ...rest, seen, hits, since, expiresAt, leftMs };
}

/** The detail of the answer to a request that it hits; callers may store it, so it has no relative time. */
export function toDetail(fault: ActiveFault, now: number): string {
  return fault.detail ?? `The fault "${fault.name}" was asked for: ${toFaultWords(toFaultView(fault, now))}.`;
}

/** The same with the remaining time. */
export function toPresentDetail(fault: ActiveFault, now: number): string {
  const { leftMs } = toFaultView(fault, now);
  const left = leftMs === null ? '' : ` It is over in ${Math.ceil(leftMs / 1000)} s.`;
  return `${toDetail(fault, now)}${left}`;
}
