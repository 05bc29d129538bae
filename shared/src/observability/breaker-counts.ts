/**
 * Counts for metrics what breakers do: calls by outcome, changes of state, time in each state.
 *
 * The counts of a removed breaker are dropped: instances come and go under new addresses, and a service that runs for
 * a year must not keep all of them.
 */
import type { Breaker } from '../resilience/breaker.ts';
import {
  type BreakerState,
  type Outcome,
  type TransitionReason,
  zeroCounts,
} from '../resilience/breaker-state.ts';
import type { BreakerView } from '../resilience/breaker-view.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Events } from './events.ts';
import { createStateTimes } from './state-times.ts';

/** What counting needs. */
export interface BreakerCountsOptions {
  readonly events: Events;
  /** Milliseconds that never run backwards. */
  readonly clock: Clock;
  /** The present breakers. */
  readonly breakers: () => readonly Pick<Breaker, 'name' | 'view'>[];
  readonly onAdded: (name: string) => void;
  readonly onRemoved: (name: string) => void;
}

/** A change of state and how often it happened. */
export interface TransitionCount {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: TransitionReason;
  readonly count: number;
}

/** One breaker as it is now, with its counts. */
export interface BreakerCounts {
  readonly name: string;
  readonly view: BreakerView;
  readonly calls: Readonly<Record<Outcome, number>>;
  /** Those of `calls` for which nobody waited. */
  readonly relayCalls: Readonly<Record<Outcome, number>>;
  readonly transitions: readonly TransitionCount[];
  readonly stateMs: Readonly<Record<BreakerState, number>>;
}

/** Transitions that are listed from the start with 0; those by hand are listed once they have happened. */
const ordinary: readonly (readonly [BreakerState, BreakerState, TransitionReason])[] = [
  ['closed', 'open', 'threshold'],
  ['closed', 'open', 'in-a-row'],
  ['closed', 'open', 'silent'],
  ['open', 'half_open', 'open-time-over'],
  ['half_open', 'closed', 'probe-ok'],
  ['half_open', 'open', 'probe-failed'],
  ['half_open', 'open', 'probe-timeout'],
];

/** Begins to count; the returned function reads the counts of the present breakers and changes none of them. */
export function countBreakers({
  events,
  clock,
  breakers,
  onAdded,
  onRemoved,
}: BreakerCountsOptions): () => readonly BreakerCounts[] {
  const times = createStateTimes({ events, clock });
  const counted = new Map<string, ReturnType<typeof begin>>();
  const isThere = (name: string) => breakers().some((breaker) => breaker.name === name);
  const countsOf = (name: string) => counted.get(name) ?? (isThere(name) ? begin(name) : undefined);

  events.on('gone', ({ name }) => {
    if (!counted.delete(name)) return;
    times.end(name);
    onRemoved(name);
  });
  events.on('call', ({ name, outcome, background }) => {
    const counts = countsOf(name);
    if (counts === undefined) return;
    counts.calls[outcome] += 1;
    if (background) counts.relayCalls[outcome] += 1;
  });
  events.on('transition', ({ name, from, to, reason }) => {
    const { transitions } = countsOf(name) ?? {};
    if (transitions === undefined) return;
    const key = `${from} ${to} ${reason}`;
    transitions.set(key, { from, to, reason, count: (transitions.get(key)?.count ?? 0) + 1 });
  });

  function look(): readonly BreakerCounts[] {
    return breakers().map((breaker) => {
      const view = breaker.view();
      const { name } = view;
      const { transitions, ...counts } = counted.get(name) ?? begin(name);
      times.begin(name, view.state);
      return { name, view, ...counts, transitions: [...transitions.values()], stateMs: times.view(name) };
    });
  }
  look();
  return look;

  function begin(name: string) {
    const transitions = new Map<string, TransitionCount>();
    for (const [from, to, reason] of ordinary) {
      transitions.set(`${from} ${to} ${reason}`, { from, to, reason, count: 0 });
    }
    const counts = { calls: zeroCounts(), relayCalls: zeroCounts(), transitions };
    counted.set(name, counts);
    onAdded(name);
    return counts;
  }
}
