/**
 * The guided tour: six steps, each done when what it teaches has happened. Pure functions.
 *
 * A step counts only what came after it began, so a breaker that is already open does not complete it.
 */
import type { LabEntry } from '../../server/wire.ts';
import { toBreakers, toGroups } from './chain.ts';
import { toBegin } from './entries.ts';
import type { LabState } from './lab-state.ts';
import { toParts } from './orders.ts';

/** The steps, in sequence. */
export const tourSteps = ['healthy', 'trip', 'probe', 'heal', 'slow', 'shadow'] as const;

/** One step. */
export type TourStep = (typeof tourSteps)[number];

/** What a step points at, where the page draws it. */
export type TourTarget = 'orders' | 'breaker' | 'ledger';

/** The part of the page that each step teaches. */
export const tourTargets: Readonly<Record<TourStep, TourTarget>> = {
  healthy: 'orders',
  trip: 'breaker',
  probe: 'breaker',
  heal: 'ledger',
  slow: 'breaker',
  shadow: 'breaker',
};

/** The progress of the tour; stored as long as the browser's tab. */
export interface Tour {
  /** How many steps are done. */
  readonly done: number;
  /** When the present step began, by the lab's clock; 0 before the first message. */
  readonly since: number;
  /** Put away by the reader; it goes on counting and comes back where it is. */
  readonly isClosed?: true;
}

/** The tour before its first step. */
export const freshTour: Tour = { done: 0, since: 0 };

/** The present step; `undefined` when all are done. */
export function toStep(tour: Tour): TourStep | undefined {
  return tourSteps[tour.done];
}

/** Completes the present step if it has happened. At most one step per call, so that each one is visible. */
export function advanceTour(tour: Tour, lab: LabState): Tour {
  const at = lab.status?.at;
  const step = toStep(tour);
  if (at === undefined || step === undefined) return tour;
  if (tour.since === 0) return { ...tour, since: at };
  return checks[step](lab, tour.since) ? { ...tour, done: tour.done + 1, since: at } : tour;
}

/** Skips the present step. */
export function skipStep(tour: Tour, at: number): Tour {
  return { ...tour, done: Math.min(tourSteps.length, tour.done + 1), since: at };
}

/** Puts the tour away, or brings it back. */
export function toggleTour({ done, since, isClosed }: Tour): Tour {
  return isClosed ? { done, since } : { done, since, isClosed: true };
}

const checks: Readonly<Record<TourStep, (lab: LabState, since: number) => boolean>> = {
  healthy: (lab, since) =>
    lab.orders.roots.some((root) => {
      const part = toParts(lab.orders, root, root.level + 1)[root.level];
      return part?.last.status === 'completed' && part.firstAt >= since;
    }),
  trip: (lab, since) => hasChange(lab, since, ({ to }) => to === 'open'),
  probe: (lab, since) => hasChange(lab, since, ({ from }) => from === 'half_open'),
  heal: (lab, since) => isHealthy(lab) && lab.status !== null && lab.status.at - since > 1_000,
  slow: (lab, since) =>
    hasChange(lab, since, ({ to, reason, lastError }) => {
      return to === 'open' && (reason === 'probe-timeout' || lastError?.code === 'attempt-timeout');
    }),
  shadow: (lab) =>
    toGroups(lab.status)
      .flatMap(toBreakers)
      .some(({ report }) => report.shadow !== null && report.shadow.opened > 0),
};

function hasChange(
  lab: LabState,
  since: number,
  fits: (entry: LabEntry & { readonly event: 'transition' }) => boolean,
): boolean {
  // The newest come first: what is older than the step is not looked at, however much there is.
  for (const entry of lab.entries) {
    if (toBegin(entry) < since) return false;
    if (entry.event === 'transition' && fits(entry)) return true;
  }
  return false;
}

/** Every service answers, every breaker is closed, nothing is broken, and nothing is left to do. */
function isHealthy(lab: LabState): boolean {
  return (lab.status?.services ?? []).every(
    ({ connected, status }) =>
      connected &&
      status !== null &&
      status.faults.length === 0 &&
      status.relay?.pending === 0 &&
      status.breakers.every(({ state }) => state === 'closed'),
  );
}
